import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { grammars, written } from '../scripts/grammar/all.mjs';
import { failures, readCases, registry } from './scopes.js';

const root = process.cwd();
const folder = join(root, 'test/scopes');
const languages = registry(root);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.scopes'))) {
  describe(file, async () => {
    const grammar = await languages.loadGrammar(file.startsWith('ignore') ? 'source.dockerignore' : 'source.dockerfile');
    assert.ok(grammar);
    for (const testCase of readCases(readFileSync(join(folder, file), 'utf8'))) {
      test(testCase.title, () => {
        assert.ok(testCase.lines.some((line) => line.expectations.length > 0), 'the case expects nothing');
        assert.deepEqual(failures(grammar, testCase), []);
      });
    }
  });
}

test('the grammars are what scripts/grammar.mjs writes', () => {
  for (const [name, grammar] of Object.entries(grammars)) {
    assert.equal(readFileSync(join(root, 'syntaxes', name), 'utf8'), written(grammar), `run \`npm run grammar\` for ${name}`);
  }
});
