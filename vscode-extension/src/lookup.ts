// Where the language server is. Knows nothing of the editor, so that it can be tested: what it needs from outside is in `Machine`.
import { posix, win32 } from 'node:path';

export const PROGRAM = 'dockerlang-lsp';
export const MODULE = 'dockerlang_lsp';
export const INSTALL_COMMAND = 'pip install dockerlang';

export interface Wishes {
  /** `dockerlang.server.path`; empty when not set. */
  readonly path: string;
  /** `dockerlang.server.python`; empty when not set. */
  readonly python: string;
  /** The folders that are open, the first one first. */
  readonly folders: readonly string[];
  /** Whether programs inside these folders may be run. */
  readonly isTrusted: boolean;
}

export interface Machine {
  readonly isWindows: boolean;
  readonly home: string;
  readonly searchPath: string;
  isProgram(file: string): boolean;
  /** Whether this interpreter can import the server. */
  hasServer(python: string): Promise<boolean>;
}

export type Lookup =
  | { readonly kind: 'found'; readonly command: string; readonly args: readonly string[]; readonly origin: string }
  | { readonly kind: 'missing'; readonly reason: string; readonly tried: readonly string[] };

/** The server to start: the user's path, else PATH, else the user's Python, else a virtual environment of the workspace. */
export async function findServer(wishes: Wishes, machine: Machine): Promise<Lookup> {
  if (wishes.path) return fromSetting(wishes, machine);

  const tried: string[] = [];
  const onPath = search(PROGRAM, machine);
  if (onPath) return found(onPath, [], 'PATH');
  tried.push(`${PROGRAM} on PATH`);

  for (const [python, origin] of interpreters(wishes, machine)) {
    // `-P`: the folder that the editor works in must not stand in for an installed package.
    if (machine.isProgram(python) && (await machine.hasServer(python))) return found(python, ['-P', '-m', MODULE], origin);
    tried.push(`${python} -m ${MODULE}`);
  }
  return { kind: 'missing', reason: 'The Dockerlang language server is not installed.', tried };
}

function fromSetting(wishes: Wishes, machine: Machine): Lookup {
  const path = expand(wishes.path, wishes, machine);
  const isName = !/[\\/]/.test(path);
  const command = isName ? search(path, machine) : firstProgram([path], machine);
  if (command) return found(command, [], 'dockerlang.server.path');
  return { kind: 'missing', reason: `dockerlang.server.path names '${wishes.path}', which is no program.`, tried: [path] };
}

/** Interpreters that may have the server, with the setting or folder that each came from. */
function interpreters(wishes: Wishes, machine: Machine): [python: string, origin: string][] {
  const candidates: [string, string][] = [];
  if (wishes.python) {
    const python = expand(wishes.python, wishes, machine);
    candidates.push([/[\\/]/.test(python) ? python : (search(python, machine) ?? python), 'dockerlang.server.python']);
  }
  if (wishes.isTrusted) {
    const inside = machine.isWindows ? ['Scripts', 'python.exe'] : ['bin', 'python'];
    for (const folder of wishes.folders) candidates.push([paths(machine).join(folder, '.venv', ...inside), `.venv of ${folder}`]);
  }
  return candidates;
}

function expand(path: string, wishes: Wishes, machine: Machine): string {
  const inHome = /^~(?=$|[\\/])/.test(path) ? machine.home + path.slice(1) : path;
  return inHome.replaceAll('${workspaceFolder}', wishes.folders[0] ?? '');
}

function search(name: string, machine: Machine): string | undefined {
  // A relative entry would mean the folder that the editor happened to be started in.
  const path = paths(machine);
  const folders = machine.searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return firstProgram(folders.map((folder) => path.join(folder, name)), machine);
}

function firstProgram(files: readonly string[], machine: Machine): string | undefined {
  const endings = machine.isWindows ? ['.exe', ''] : [''];
  return files.flatMap((file) => endings.map((ending) => file + ending)).find((file) => machine.isProgram(file));
}

const paths = (machine: Machine) => (machine.isWindows ? win32 : posix);

const found = (command: string, args: readonly string[], origin: string): Lookup => ({ kind: 'found', command, args, origin });
