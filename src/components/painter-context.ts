import { createContext } from 'react';
import type { Painter } from '../terminal/region.ts';

/** The painter of output panes; undefined when Ink draws their rows itself (tests, screen readers, no terminal). */
export const PainterContext = createContext<Painter | undefined>(undefined);
