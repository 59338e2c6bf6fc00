import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findServer, type Machine, type Wishes } from '../src/lookup.js';
import { machine as realMachine } from '../src/machine.js';

const NOTHING: Wishes = { path: '', python: '', folders: ['/project'], isTrusted: true };

/** A machine on which only these files are programs, and these interpreters have the server. */
function machineWith(programs: readonly string[], servers: readonly string[] = [], isWindows = false): Machine {
  return {
    isWindows,
    home: '/home/me',
    searchPath: '/usr/bin:relative:/opt/bin',
    isProgram: (file) => programs.includes(file),
    hasServer: (python) => Promise.resolve(servers.includes(python)),
  };
}

async function command(wishes: Partial<Wishes>, machine: Machine): Promise<string> {
  const lookup = await findServer({ ...NOTHING, ...wishes }, machine);
  return lookup.kind === 'found' ? [lookup.command, ...lookup.args].join(' ') : `missing: ${lookup.reason}`;
}

describe('where the server is', () => {
  const venv = '/project/.venv/bin/python';

  test('the setting wins over PATH', async () => {
    const machine = machineWith(['/usr/bin/dockerlang-lsp', '/mine/server']);
    assert.equal(await command({ path: '/mine/server' }, machine), '/mine/server');
  });
  test('the setting may begin at home or in the workspace', async () => {
    const machine = machineWith(['/home/me/bin/server', '/project/tools/server']);
    assert.equal(await command({ path: '~/bin/server' }, machine), '/home/me/bin/server');
    assert.equal(await command({ path: '${workspaceFolder}/tools/server' }, machine), '/project/tools/server');
  });
  test('a name in the setting is looked up on PATH', async () => {
    assert.equal(await command({ path: 'other-lsp' }, machineWith(['/opt/bin/other-lsp'])), '/opt/bin/other-lsp');
  });
  test('a wrong setting is said, and nothing else is started in its place', async () => {
    const answer = await command({ path: '/gone' }, machineWith(['/usr/bin/dockerlang-lsp']));
    assert.match(answer, /^missing: .*'\/gone'/);
  });
  test('PATH comes before any interpreter', async () => {
    const machine = machineWith(['/opt/bin/dockerlang-lsp', venv], [venv]);
    assert.equal(await command({}, machine), '/opt/bin/dockerlang-lsp');
  });
  test('relative folders of PATH are not searched', async () => {
    assert.match(await command({}, machineWith(['relative/dockerlang-lsp'])), /^missing/);
  });
  test("the setting's Python comes before the workspace's", async () => {
    const machine = machineWith(['/usr/bin/python3.12', venv], ['/usr/bin/python3.12', venv]);
    assert.equal(await command({ python: 'python3.12' }, machine), '/usr/bin/python3.12 -P -m dockerlang_lsp');
    assert.equal(await command({}, machine), `${venv} -P -m dockerlang_lsp`);
  });
  test('an interpreter without the server is passed over', async () => {
    const second = '/more/.venv/bin/python';
    const machine = machineWith([venv, second], [second]);
    assert.equal(await command({ folders: ['/project', '/more'] }, machine), `${second} -P -m dockerlang_lsp`);
  });
  test('nothing inside a workspace without trust is run', async () => {
    assert.match(await command({ isTrusted: false }, machineWith([venv], [venv])), /^missing/);
  });
  test('on Windows programs end in .exe and environments have another shape', async () => {
    const windows = (programs: string[]) => ({ ...machineWith(programs, programs, true), searchPath: 'C:\\bin;D:\\tools' });
    assert.equal(await command({}, windows(['D:\\tools\\dockerlang-lsp.exe'])), 'D:\\tools\\dockerlang-lsp.exe');
    const python = 'C:\\work\\.venv\\Scripts\\python.exe';
    assert.equal(await command({ folders: ['C:\\work'] }, windows([python])), `${python} -P -m dockerlang_lsp`);
  });
  test('what was tried is listed', async () => {
    const lookup = await findServer(NOTHING, machineWith([]));
    assert.ok(lookup.kind === 'missing');
    assert.deepEqual(lookup.tried, ['dockerlang-lsp on PATH', `${venv} -m dockerlang_lsp`]);
  });
});

describe('the real machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dockerlang-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true });
  });
  const script = (name: string, text: string, mode: number) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  test('a program is a file that may be run', () => {
    assert.equal(realMachine.isProgram(script('yes', '#!/bin/sh\n', 0o755)), true);
    assert.equal(realMachine.isProgram(folder), false);
    assert.equal(realMachine.isProgram(join(folder, 'gone')), false);
  });
  test('an interpreter answers by its exit code', async () => {
    assert.equal(await realMachine.hasServer(script('has', '#!/bin/sh\nexit 0\n', 0o755)), true);
    assert.equal(await realMachine.hasServer(script('has-not', '#!/bin/sh\nexit 1\n', 0o755)), false);
    assert.equal(await realMachine.hasServer(join(folder, 'gone')), false);
  });
});
