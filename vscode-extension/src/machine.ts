// The real computer, as the lookup sees it.
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { MODULE, type Machine } from './lookup.js';

const PROBE_TIMEOUT_MS = 10_000;

export const machine: Machine = {
  isWindows: process.platform === 'win32',
  home: homedir(),
  get searchPath() {
    return process.env['PATH'] ?? '';
  },
  isProgram(file) {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  },
  hasServer(python) {
    const program = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${MODULE}") is None)`;
    return new Promise((resolve) => {
      execFile(python, ['-P', '-c', program], { timeout: PROBE_TIMEOUT_MS }, (error) => {
        resolve(error === null);
      });
    });
  },
};
