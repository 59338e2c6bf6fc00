// The Dockerfile's colours: parser directives on top, then the document, in the escape character that they choose.
import { heredocs } from './heredocs.mjs';
import { instructions } from './instructions.mjs';
import { words } from './words.mjs';

const DIRECTIVE = '[ \\t]*#[ \\t]*(?i:syntax|escape|check)[ \\t]*=[ \\t]*\\S';

export function dockerfileGrammar() {
  return {
    name: 'Dockerfile',
    scopeName: 'source.dockerfile',
    fileTypes: ['Dockerfile', 'Containerfile', 'dockerfile', 'containerfile'],
    patterns: [{ include: '#directives' }, { include: '#document' }],
    // These act inside the rules of other languages too, which know nothing of comment lines in the middle of a command.
    injections: {
      'L:meta.instruction - meta.heredoc - meta.escape.backtick': { patterns: [{ include: '#continuation' }] },
      'L:meta.escape.backtick meta.instruction - meta.heredoc': { patterns: [{ include: '#continuation-backtick' }] },
      'L:meta.embedded.block.shell - meta.heredoc - string.unquoted.heredoc - meta.document-again': {
        patterns: [{ include: '#document-again' }],
      },
      'L:meta.embedded.block.powershell - meta.heredoc - meta.document-again': { patterns: [{ include: '#document-again-backtick' }] },
      'L:meta.expanded': { patterns: [{ include: '#builder-escapes' }, { include: '#variables' }] },
      // At the start of each line of a heredoc `\\G` holds, by which shell grammars find a command's name: step past it.
      'L:meta.heredoc meta.statement.command - string.quoted - string.interpolated': {
        patterns: [{ match: '^[ \\t]+([\\w./:=@+-]+(?=\\s|$))?', captures: { 1: { name: 'string.unquoted.argument.shell' } } }],
      },
    },
    repository: {
      directives: directives(),
      pragmas: pragmas(),
      ...words('\\\\'),
      ...heredocs(),
      ...instructions('\\\\', 'shell'),
      ...suffixed('-backtick', { ...words('`'), ...instructions('`', 'powershell') }),
    },
  };
}

/** The block of directives that a file may begin with; `# escape=` followed by a backtick changes the rules of all that follows. */
function directives() {
  const captures = {
    1: { name: 'punctuation.definition.comment.dockerfile' },
    2: { name: 'keyword.control.directive.dockerfile' },
    3: { name: 'keyword.operator.assignment.dockerfile' },
    4: { name: 'string.unquoted.directive.dockerfile' },
  };
  return {
    begin: `\\A(?=\\x{FEFF}?${DIRECTIVE})`,
    end: `^(?!${DIRECTIVE})`,
    name: 'meta.directives.dockerfile',
    patterns: [
      {
        begin: '^[ \\t]*(#)[ \\t]*((?i:escape))[ \\t]*(=)[ \\t]*(`)[ \\t]*$',
        beginCaptures: captures,
        end: '(?!)',
        contentName: 'meta.escape.backtick.dockerfile',
        patterns: [
          { match: `^[ \\t]*(#)[ \\t]*((?i:syntax|check))[ \\t]*(=)[ \\t]*(\\S.*?)[ \\t]*$`, captures },
          { include: '#document-backtick' },
        ],
      },
      { match: '^\\x{FEFF}?[ \\t]*(#)[ \\t]*((?i:syntax|escape|check))[ \\t]*(=)[ \\t]*(\\S.*?)[ \\t]*$', captures },
    ],
  };
}

/** Comments that linters read: `# hadolint ignore=...`, `# check=skip=...`. */
function pragmas() {
  const codes = { patterns: [{ match: '[\\w-]+', name: 'constant.other.rule-code.dockerfile' }] };
  const captures = { 1: { name: 'keyword.other.pragma.dockerfile' }, 2: { name: 'keyword.operator.assignment.dockerfile' }, 3: codes };
  return {
    patterns: [
      { match: '(?<=#)[ \\t]*(hadolint[ \\t]+(?:global[ \\t]+)?(?:ignore|shell))[ \\t]*(=)[ \\t]*(.*)$', captures },
      { match: '(?<=#)[ \\t]*(check[ \\t]*=[ \\t]*(?:skip|error|experimental))(=)(\\S+)', captures },
    ],
  };
}

/** The rules under other names, so that both escape characters fit in one grammar. References to shared rules stay as they are. */
function suffixed(suffix, rules) {
  const rename = (value) => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) =>
        key === 'include' && item.slice(1) in rules ? [key, `${item}${suffix}`] : [key, rename(item)],
      ),
    );
  };
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [`${name}${suffix}`, rename(rule)]));
}
