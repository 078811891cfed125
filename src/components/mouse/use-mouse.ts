import { createContext, useContext, useInsertionEffect, useRef } from 'react';
import { createMouse, type Mouse, type MouseArea } from './mouse.ts';

const MouseContext = createContext<Mouse>(createMouse(() => {}));

export const MouseProvider = MouseContext.Provider;

export const useMouse = (): Mouse => useContext(MouseContext);

/** Registers parts of the screen that react to the mouse, while `active`: never under a dialog. */
export const useMouseAreas = (areas: readonly MouseArea[], active: boolean): void => {
	const mouse = useMouse();
	const latest = useRef(areas);
	// Within the commit, so that no event arrives between what is shown and what it does.
	useInsertionEffect(() => {
		latest.current = areas;
	});
	useInsertionEffect(() => (active ? mouse.add(() => latest.current) : undefined), [mouse, active]);
};
