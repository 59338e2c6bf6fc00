// Both grammars by file name, and how they are written.
import { dockerfileGrammar } from './dockerfile.mjs';
import { dockerignoreGrammar } from './dockerignore.mjs';

export const grammars = {
  'dockerfile.tmLanguage.json': dockerfileGrammar(),
  'dockerignore.tmLanguage.json': dockerignoreGrammar(),
};

export const written = (grammar) => `${JSON.stringify(grammar, undefined, 1)}\n`;
