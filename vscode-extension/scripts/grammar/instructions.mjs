// The eighteen instructions, for one escape character.
import { WORD_START, endOfInstruction } from './words.mjs';

const include = (...names) => names.map((name) => ({ include: `#${name}` }));
const NAMES =
  'FROM RUN CMD LABEL MAINTAINER EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG ONBUILD STOPSIGNAL HEALTHCHECK SHELL'.split(' ');

export function instructions(escape, shell) {
  const end = endOfInstruction(escape);
  const atEnd = `(?=${end})`;
  const lineStart = '^[ \\t]*(?:((?i:ONBUILD))[ \\t]+)?';
  const keywordEnd = `(?=[ \\t]|$|${escape})`;

  /** One instruction: its keyword, then `patterns` up to the end of its last line. */
  const instruction = (name, patterns, keyword = 'keyword.other.instruction') => ({
    begin: `${lineStart}((?i:${name}))${keywordEnd}`,
    beginCaptures: {
      1: { name: 'keyword.control.onbuild.dockerfile' },
      2: { name: `${keyword}.${name.toLowerCase()}.dockerfile` },
    },
    end,
    applyEndPatternLast: 1,
    name: `meta.instruction.${name.toLowerCase()}.dockerfile`,
    patterns,
  });

  const shellText = {
    begin: `(?=[^\\s${escape}]|${escape}(?![ \\t]*$))`,
    end: atEnd,
    applyEndPatternLast: 1,
    contentName: `meta.embedded.block.${shell}.dockerfile`,
    patterns: [...include('continuation'), firstStatement(shell), { include: `source.${shell}` }],
  };
  const command = [...include('continuation', 'json-form'), shellText];

  const withShell = {
    patterns: [
      instruction('RUN', [...include('continuation', 'flags', 'run-heredoc-continued'), ...command]),
      instruction('CMD', command),
      instruction('ENTRYPOINT', command),
      instruction('SHELL', [...include('continuation', 'json-form', 'expanded')]),
      instruction('HEALTHCHECK', [
        ...include('continuation', 'flags'),
        { match: `${WORD_START}(?i:NONE)(?=\\s|$)`, name: 'constant.language.none.dockerfile' },
        {
          begin: `${WORD_START}((?i:CMD))${keywordEnd}`,
          beginCaptures: { 1: { name: 'keyword.other.instruction.cmd.dockerfile' } },
          end: atEnd,
          applyEndPatternLast: 1,
          patterns: command,
        },
      ]),
    ],
  };

  const withWords = {
    patterns: [
      instruction('FROM', from(escape), 'keyword.control'),
      instruction('LABEL', pairs('variable.other.property.label', atEnd, { hasLegacyForm: true })),
      instruction('ENV', pairs('variable.other.definition', atEnd, { hasLegacyForm: true })),
      instruction('ARG', [
        {
          match: `${WORD_START}([\\p{L}_][\\p{L}\\p{N}_]*)(?=\\s|$)`,
          captures: { 1: { name: 'variable.other.definition.dockerfile' } },
        },
        ...pairs('variable.other.definition', atEnd, { hasLegacyForm: false }),
      ]),
      instruction('COPY', include('copy-heredoc-continued', 'flags', 'json-form-expanded', 'paths')),
      instruction('ADD', include('copy-heredoc-continued', 'flags', 'json-form-expanded', 'paths')),
      instruction('VOLUME', include('json-form-expanded', 'paths')),
      instruction('WORKDIR', include('paths')),
      instruction('USER', [
        { match: ':', name: 'punctuation.separator.group.dockerfile' },
        { match: '(?<=[ \\t:])\\d+(?=[:\\s]|$)', name: 'constant.numeric.id.dockerfile' },
        ...include('continuation', 'variables', 'quotes', 'escapes'),
        { match: `[^\\s:"'$${escape}]+`, name: 'string.unquoted.user.dockerfile' },
      ]),
      instruction('EXPOSE', [
        { match: '\\d+', name: 'constant.numeric.port.dockerfile' },
        { match: '-', name: 'keyword.operator.range.dockerfile' },
        {
          match: '(/)([a-zA-Z]+)',
          captures: { 1: { name: 'punctuation.separator.protocol.dockerfile' }, 2: { name: 'constant.language.protocol.dockerfile' } },
        },
        ...include('expanded'),
      ]),
      instruction('STOPSIGNAL', [
        { match: `${WORD_START}(?:(?i:(?:SIG)?[A-Z]+\\d*(?:[+-]\\d+)?)|\\d+)(?=\\s|$)`, name: 'constant.language.signal.dockerfile' },
        ...include('expanded'),
      ]),
      instruction('MAINTAINER', [...include('continuation'), { match: `[^${escape}\\s]+`, name: 'string.unquoted.dockerfile' }]),
      // Only where the triggered instruction begins on a continuation line; else the keyword is part of that instruction.
      {
        begin: '^[ \\t]*((?i:ONBUILD))(?=[ \\t]|$)',
        beginCaptures: { 1: { name: 'keyword.control.onbuild.dockerfile' } },
        end,
        applyEndPatternLast: 1,
        name: 'meta.instruction.onbuild.dockerfile',
        patterns: include('continuation', 'instructions-with-words', 'instructions-with-shell'),
      },
    ],
  };

  return {
    'instructions-with-shell': withShell,
    'instructions-with-words': withWords,
    // A shell text with an open quote would swallow the rest of the file: inside it, a line that begins with an instruction in
    // capitals starts the document anew.
    'document-again': {
      begin: `^(?=(?:${NAMES.join('|')})[ \\t])`,
      end: '(?!)',
      name: 'meta.document-again.dockerfile',
      patterns: include('document'),
    },
    document: {
      patterns: include(
        'comments',
        'run-heredoc',
        'copy-heredoc',
        'instructions-with-shell',
        'instructions-with-words',
        'continuation',
      ),
    },
  };
}

/**
 * The shell's grammars know a command by what stands before it, a line's start or an operator. Here it is our keyword, so the first
 * command is handed over by name; a grammar without that name colours it as far as it can.
 */
function firstStatement(shell) {
  return {
    begin: '\\G(?=[\\w./])(?!(?:if|for|while|until|case|select|function|time|do|done|then|else|elif|fi|esac|in)\\b)',
    end: '(?=[;|&()`\\n])(?<!\\\\)',
    patterns: [...include('continuation'), { include: `source.${shell}#typical_statements` }, { include: `source.${shell}` }],
  };
}

function from(escape) {
  const named = (...names) => Object.fromEntries(names.map((name, index) => [index + 1, { name: `${name}.dockerfile` }]));
  return [
    ...include('continuation', 'flags'),
    {
      match: `${WORD_START}((?i:AS))(?:[ \\t]+([^\\s${escape}]+))?(?=\\s|$)`,
      captures: named('keyword.control.as', 'entity.name.function.stage'),
    },
    { match: `${WORD_START}scratch(?=\\s|$)`, name: 'constant.language.scratch.dockerfile' },
    { match: '(@)(sha\\d+:[0-9a-fA-F]+)', captures: named('punctuation.separator.digest', 'constant.numeric.digest') },
    { match: '(:)(\\w[\\w.-]*)(?=[@$\\s]|$)', captures: named('punctuation.separator.tag', 'constant.numeric.tag') },
    ...include('variables', 'quotes', 'escapes'),
    { match: `[^\\s:@"'$${escape}]+`, name: 'entity.name.type.image.dockerfile' },
  ];
}

/** `name=value ...`, and for ENV and LABEL the old form `name value`. */
function pairs(nameScope, atEnd, { hasLegacyForm }) {
  const legacy = {
    begin: '\\G[ \\t]+([^\\s="\'$]+)(?=[ \\t]+[^\\s\\\\`])',
    beginCaptures: { 1: { name: `${nameScope}.dockerfile` } },
    end: atEnd,
    applyEndPatternLast: 1,
    patterns: include('expanded'),
  };
  return [
    ...(hasLegacyForm ? [legacy] : []),
    {
      match: `${WORD_START}(?:([^\\s="'$]+)|("[^"]*"))(=)`,
      captures: {
        1: { name: `${nameScope}.dockerfile` },
        2: { name: `${nameScope}.dockerfile` },
        3: { name: 'keyword.operator.assignment.dockerfile' },
      },
    },
    ...include('expanded'),
  ];
}
