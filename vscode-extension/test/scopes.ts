// Reads the cases of test/scopes/ and asks the grammars which scopes each character has.
//
// A case is a heading (`## what it shows`) and lines. `> ` begins a line of the file; below it, `^` marks columns of that line, followed
// by the scopes that each marked character must have, and, after `!`, must not have. A scope stands for all that it is a prefix of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnigScanner, OnigString, loadWASM } from 'vscode-oniguruma';
import { INITIAL, Registry, parseRawGrammar, type IGrammar, type IToken } from 'vscode-textmate';

export interface Case {
  readonly title: string;
  readonly lines: readonly { readonly text: string; readonly expectations: readonly Expectation[] }[];
}

export interface Expectation {
  readonly start: number;
  readonly end: number;
  readonly scopes: readonly string[];
  readonly source: string;
}

const MARGIN = '> '.length;

export function readCases(text: string): Case[] {
  const cases: { title: string; lines: { text: string; expectations: Expectation[] }[] }[] = [];
  for (const line of text.split('\n')) {
    const current = cases.at(-1);
    if (line.startsWith('## ')) {
      cases.push({ title: line.slice(3), lines: [] });
    } else if (line.startsWith('>') && current) {
      current.lines.push({ text: line.slice(MARGIN), expectations: [] });
    } else if (line.trimStart().startsWith('^')) {
      const marks = /\^+/.exec(line);
      const target = current?.lines.at(-1);
      if (!marks || !target) throw new Error(`marks without a line: ${line}`);
      const start = marks.index - MARGIN;
      const scopes = line.slice(marks.index + marks[0].length).trim().split(/\s+/);
      target.expectations.push({ start, end: start + marks[0].length, scopes, source: line });
    }
  }
  return cases;
}

/** What does not hold, one sentence each. */
export function failures(grammar: IGrammar, testCase: Case): string[] {
  const found: string[] = [];
  let state = INITIAL;
  for (const { text, expectations } of testCase.lines) {
    const { tokens, ruleStack } = grammar.tokenizeLine(text, state);
    state = ruleStack;
    for (const { start, end, scopes, source } of expectations) {
      for (let column = start; column < end; column += 1) {
        const actual = scopesAt(tokens, column);
        const broken = scopes.filter((scope) => (scope.startsWith('!') ? has(actual, scope.slice(1)) : !has(actual, scope)));
        if (broken.length > 0) {
          found.push(`${text}\n${source.slice(MARGIN)}\n  column ${column} '${text.charAt(column)}': ${broken.join(' ')} against ${actual.join(' ')}`);
          break;
        }
      }
    }
  }
  return found;
}

const has = (actual: readonly string[], scope: string) => actual.some((item) => item === scope || item.startsWith(`${scope}.`));

const scopesAt = (tokens: readonly IToken[], column: number) =>
  tokens.find((token) => token.startIndex <= column && column < token.endIndex)?.scopes ?? [];

/** Our grammars, and for the languages inside small stand-ins: what VS Code ships for them is not ours to copy. */
export function registry(root: string): Registry {
  const files = new Map([
    ['source.dockerfile', 'syntaxes/dockerfile.tmLanguage.json'],
    ['source.dockerignore', 'syntaxes/dockerignore.tmLanguage.json'],
    ['source.shell', 'test/scopes/shell.tmLanguage.json'],
    ['source.python', 'test/scopes/python.tmLanguage.json'],
    ['source.json', 'test/scopes/json.tmLanguage.json'],
  ]);
  const wasm = readFileSync(join(root, 'node_modules/vscode-oniguruma/release/onig.wasm'));
  const onigLib = loadWASM(wasm).then(() => ({
    createOnigScanner: (patterns: string[]) => new OnigScanner(patterns),
    createOnigString: (text: string) => new OnigString(text),
  }));
  return new Registry({
    onigLib,
    loadGrammar: (scope) => {
      const file = files.get(scope);
      return Promise.resolve(file ? parseRawGrammar(readFileSync(join(root, file), 'utf8'), file) : null);
    },
  });
}
