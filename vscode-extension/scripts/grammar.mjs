// Writes syntaxes/*.tmLanguage.json. `npm run grammar`; a test fails when the files are not what this would write.
//
// A TextMate grammar is regular expressions in JSON, so the Dockerfile's is generated: the same rules exist twice, once for each
// escape character, and the heredocs once for each language that a body can be in.
import { writeFileSync } from 'node:fs';
import { grammars, written } from './grammar/all.mjs';

for (const [name, grammar] of Object.entries(grammars)) {
  writeFileSync(new URL(`../syntaxes/${name}`, import.meta.url), written(grammar));
}
