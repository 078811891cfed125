#!/usr/bin/env node
// React reads NODE_ENV when it is first imported, so it is set before anything else is loaded.
process.env.NODE_ENV = 'production';
await import('../dist/cli.js');
