// The small pieces that instructions are made of, for one escape character: ends, continuations, variables, quotes, flags, JSON form.

const named = (...names) => Object.fromEntries(names.map((name, index) => [index + 1, name ? { name: `${name}.dockerfile` } : {}]));

/** Where a name or word may begin: after a blank, or first on a continuation line. */
export const WORD_START = '(?:^|(?<=[ \\t]))';

/** The end of a line that is not continued. Comment lines and blank lines inside an instruction consume their newline, so `(?<!\n)` skips them. */
export function endOfInstruction(escape) {
  const notAfter = ['', '[ \\t]', '[ \\t]{2}', '[ \\t]{3}'].map((blanks) => `(?<!${escape}${blanks})`).join('');
  return `(?:(?<!\\n)${notAfter}$|(?<=${escape}${escape})$)`;
}

export function words(escape) {
  const end = endOfInstruction(escape);
  const atEnd = `(?=${end})`;
  const plain = `[^\\s"'$${escape}]`;
  return {
    comments: {
      patterns: [
        {
          match: '^[ \\t]*(#)(.*)$\\n?',
          name: 'comment.line.number-sign.dockerfile',
          captures: { 1: { name: 'punctuation.definition.comment.dockerfile' }, 2: { patterns: [{ include: '#pragmas' }] } },
        },
      ],
    },
    // What may stand between two lines of one instruction.
    continuation: {
      patterns: [
        {
          match: `(?<!${escape})(${escape})[ \\t]*$`,
          captures: named('constant.character.escape.line-continuation'),
        },
        { include: '#comments' },
        { match: '^[ \\t]*\\n' },
      ],
    },
    variables: {
      patterns: [
        {
          match: '(\\$)([\\p{L}_][\\p{L}\\p{N}_]*|\\d+|[@*#?$!-])',
          name: 'variable.other.expansion.dockerfile',
          captures: named('punctuation.definition.variable'),
        },
        {
          begin: '(\\$\\{)([\\p{L}\\p{N}_]+|[@*#?$!-])',
          beginCaptures: named('punctuation.definition.variable.begin', 'variable.other.expansion'),
          end: `(\\})|${atEnd}`,
          endCaptures: named('punctuation.definition.variable.end'),
          name: 'meta.expansion.dockerfile',
          patterns: [
            { match: '\\G(?::?[-+?]|##?|%%?|//?)', name: 'keyword.operator.expansion.dockerfile' },
            { match: '/', name: 'keyword.operator.expansion.dockerfile' },
            { include: '#variables' },
            { include: '#quotes' },
            { include: '#escapes' },
            { match: `[^\\s"'$}/${escape}]+`, name: 'string.unquoted.dockerfile' },
          ],
        },
      ],
    },
    escapes: { match: `${escape}(?![ \\t]*$).`, name: 'constant.character.escape.dockerfile' },
    quotes: {
      patterns: [
        {
          begin: '"',
          end: `"|${atEnd}`,
          name: 'string.quoted.double.dockerfile',
          patterns: [{ include: '#continuation' }, { include: '#escapes' }, { include: '#variables' }],
        },
        { begin: "'", end: `'|${atEnd}`, name: 'string.quoted.single.dockerfile', patterns: [{ include: '#continuation' }] },
      ],
    },
    // A word that is expanded: what ENV, LABEL, ARG, WORKDIR, COPY and others hold.
    expanded: {
      patterns: [
        { include: '#continuation' },
        { include: '#variables' },
        { include: '#quotes' },
        { include: '#escapes' },
        { match: `${plain}+`, name: 'string.unquoted.dockerfile' },
      ],
    },
    paths: {
      patterns: [
        { match: `${WORD_START}(?:https?|git|ssh)://[^\\s$]+`, name: 'markup.underline.link.dockerfile' },
        { include: '#continuation' },
        { include: '#variables' },
        { include: '#quotes' },
        { include: '#escapes' },
        { match: '[*?]', name: 'keyword.operator.glob.dockerfile' },
        { match: `[^\\s"'$*?${escape}]+`, name: 'string.unquoted.path.dockerfile' },
      ],
    },
    flags: { patterns: [mountFlag(atEnd), fromFlag(), otherFlag(atEnd)] },
    'json-form': jsonForm(escape, atEnd, []),
    'json-form-expanded': jsonForm(escape, atEnd, [{ include: '#variables' }]),
  };
}

function mountFlag(atEnd) {
  return {
    begin: `${WORD_START}(--)(mount)(=)`,
    beginCaptures: named('punctuation.definition.flag', 'entity.other.attribute-name.flag', 'keyword.operator.assignment'),
    end: `(?=[ \\t])|${atEnd}`,
    name: 'meta.flag.mount.dockerfile',
    patterns: [
      { match: '(?<=type=)(?:bind|cache|tmpfs|secret|ssh)\\b', name: 'constant.language.mount-type.dockerfile' },
      { match: '(?<=sharing=)(?:shared|private|locked)\\b', name: 'constant.language.sharing.dockerfile' },
      { match: '(?<=mode=|uid=|gid=|size=)\\d+[a-zA-Z]*', name: 'constant.numeric.dockerfile' },
      { match: '(?<==)(?:true|false)\\b', name: 'constant.language.boolean.dockerfile' },
      { match: '(?<=from=)[^\\s,"\'$]+', name: 'entity.name.function.stage.dockerfile' },
      {
        match: '(?<=[=,"\'])([a-zA-Z]+)(=)',
        captures: named('variable.parameter.mount', 'keyword.operator.assignment'),
      },
      { match: '(?<=[=,"\'])(?:ro|rw|readonly|readwrite|required)(?=[,"\'\\s]|$)', name: 'variable.parameter.mount.dockerfile' },
      { match: ',', name: 'punctuation.separator.mount.dockerfile' },
      { include: '#variables' },
      { match: '["\']', name: 'punctuation.definition.string.dockerfile' },
      { match: '[^\\s,"\'$=]+', name: 'string.unquoted.dockerfile' },
    ],
  };
}

function fromFlag() {
  return {
    match: `${WORD_START}(--)(from)(=)(?:(\\d+)(?=[ \\t]|$)|([^\\s$]+))?`,
    captures: named(
      'punctuation.definition.flag',
      'entity.other.attribute-name.flag',
      'keyword.operator.assignment',
      'constant.numeric.stage-index',
      'entity.name.function.stage',
    ),
  };
}

function otherFlag(atEnd) {
  return {
    begin: `${WORD_START}(--)([a-z][a-z0-9-]*)`,
    beginCaptures: named('punctuation.definition.flag', 'entity.other.attribute-name.flag'),
    end: `(?=[ \\t])|${atEnd}`,
    name: 'meta.flag.dockerfile',
    patterns: [
      { match: '\\G=', name: 'keyword.operator.assignment.dockerfile' },
      { match: '(?<==)(?:true|false)(?=\\s|$)', name: 'constant.language.boolean.dockerfile' },
      { match: '(?<=network=)(?:default|none|host)(?=\\s|$)', name: 'constant.language.network.dockerfile' },
      { match: '(?<=security=)(?:sandbox|insecure)(?=\\s|$)', name: 'constant.language.security.dockerfile' },
      { match: '(?<==)(?:\\d+(?:\\.\\d+)?(?:ns|us|µs|ms|s|m|h))+(?=\\s|$)', name: 'constant.numeric.duration.dockerfile' },
      { match: '(?<==)\\d+(?=\\s|$)', name: 'constant.numeric.dockerfile' },
      { include: '#variables' },
      { include: '#quotes' },
      { include: '#escapes' },
      { match: '[^\\s"\'$\\\\`]+', name: 'string.unquoted.dockerfile' },
    ],
  };
}

/** The list form. Only what can be a whole list counts, since `[ "$A" = b ]` is a shell's test. */
function jsonForm(escape, atEnd, inStrings) {
  const string = '"(?:[^"\\\\]|\\\\.)*"';
  const items = `(?:${string}\\s*(?:,\\s*${string}\\s*)*)?`;
  return {
    begin: `\\[(?=\\s*${items}(?:\\][ \\t]*$|,?\\s*${escape}[ \\t]*$))`,
    beginCaptures: { 0: { name: 'punctuation.definition.list.begin.dockerfile' } },
    end: `(\\])|${atEnd}`,
    endCaptures: named('punctuation.definition.list.end'),
    name: 'meta.list.dockerfile',
    patterns: [
      { include: '#continuation' },
      { match: ',', name: 'punctuation.separator.list.dockerfile' },
      {
        begin: '"',
        end: `"|${atEnd}`,
        name: 'string.quoted.double.json.dockerfile',
        patterns: [
          { match: '\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})', name: 'constant.character.escape.json.dockerfile' },
          ...inStrings,
        ],
      },
    ],
  };
}
