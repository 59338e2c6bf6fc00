// Heredocs of RUN, COPY and ADD, with the language of the body where its name, its file or its interpreter tells.

const include = (...names) => names.map((name) => ({ include: `#${name}` }));

/** How a language shows itself: by interpreter, by the extension of the file written, by the delimiter's name. */
const LANGUAGES = [
  { id: 'python', source: 'source.python', interpreter: 'python[\\d.]*', extension: 'pyi?', delimiter: 'PY(?:THON)?3?' },
  { id: 'javascript', source: 'source.js', interpreter: '(?:node|nodejs|deno|bun)', extension: '[cm]?js', delimiter: 'JS|NODE|JAVASCRIPT' },
  { id: 'ruby', source: 'source.ruby', interpreter: 'ruby[\\d.]*', extension: 'rb', delimiter: 'RUBY|RB' },
  { id: 'perl', source: 'source.perl', interpreter: 'perl[\\d.]*', extension: 'p[lm]', delimiter: 'PERL' },
  { id: 'php', source: 'text.html.php', interpreter: 'php[\\d.]*', extension: 'php', delimiter: 'PHP' },
  { id: 'lua', source: 'source.lua', interpreter: 'lua(?:jit)?[\\d.]*', extension: 'lua', delimiter: 'LUA' },
  { id: 'powershell', source: 'source.powershell', interpreter: 'pwsh', extension: 'psm?1', delimiter: 'PS1?|PWSH|POWERSHELL' },
  { id: 'sql', source: 'source.sql', interpreter: '(?:psql|mysql|mariadb|sqlite3)', extension: 'sql', delimiter: 'SQL' },
  { id: 'json', source: 'source.json', extension: 'jsonc?', delimiter: 'JSON' },
  { id: 'yaml', source: 'source.yaml', extension: 'ya?ml', delimiter: 'YA?ML' },
  { id: 'toml', source: 'source.toml', extension: 'toml', delimiter: 'TOML' },
  { id: 'ini', source: 'source.ini', extension: '(?:ini|cfg|service|socket|timer|repo)', delimiter: 'INI' },
  { id: 'xml', source: 'text.xml', extension: 'xml', delimiter: 'XML' },
  { id: 'html', source: 'text.html.derivative', extension: 'html?', delimiter: 'HTML' },
  { id: 'css', source: 'source.css', extension: 'css', delimiter: 'CSS' },
  {
    id: 'shell',
    source: 'source.shell',
    interpreter: '(?:ba|da|a|k|z)?sh',
    extension: '(?:(?:ba|z)?sh|bashrc|profile)',
    delimiter: 'SH|BASH|SHELL|SCRIPT',
  },
];

// The line that opens a heredoc, as groups: 1 ONBUILD, 2 keyword, 3 what stands before, 4 operator, 5 its dash, 6 quote, 7 delimiter, 8 what follows.
// Where several heredocs are opened, the last one's delimiter ends what is coloured as the body.
const OPENER = '(\\d*<<(?:(-)(?![ \\t])|(?!-)[ \\t]*))(["\']?)([^\\s<"\']+)\\6(?=[ \\t]|$)(.*)$\\n?';
const onKeyword = (keywords) => `^[ \\t]*(?:((?i:ONBUILD))[ \\t]+)?((?i:${keywords}))((?:[ \\t].*)?[ \\t])${OPENER}`;
const onContinuation = `^()()((?:.*[ \\t])?)${OPENER}`;
// `(?!\5)` cannot match when there was no dash, so tabs before the delimiter are allowed after `<<-` alone.
const BODY = '^(?!(?:(?!\\5)\\t)*\\7$)';

export function heredocs() {
  return {
    'run-heredoc': heredoc('RUN', onKeyword('RUN'), runBodies(onKeyword('RUN'))),
    'run-heredoc-continued': heredoc('RUN', onContinuation, runBodies(onContinuation)),
    'copy-heredoc': heredoc('COPY', onKeyword('COPY|ADD'), copyBodies(onKeyword('COPY|ADD'))),
    'copy-heredoc-continued': heredoc('COPY', onContinuation, copyBodies(onContinuation)),
    'heredoc-operators': {
      match: '(?<=^|[ \\t])(\\d*<<-?)(["\']?)([^\\s<"\']+)\\2',
      captures: { 1: { name: 'keyword.operator.heredoc.dockerfile' }, 3: { name: 'keyword.control.heredoc.dockerfile' } },
    },
    'builder-escapes': { match: '\\\\.', name: 'constant.character.escape.dockerfile' },
    'script-languages': { patterns: LANGUAGES.filter(({ interpreter }) => interpreter).map(shebang) },
  };
}

/** The first line, the body, and the line with the delimiter, which is what the body leaves over. */
function heredoc(instruction, opening, bodies) {
  return {
    begin: `(?=${opening})`,
    end: '^\\t*(\\S.*?)[ \\t]*$',
    applyEndPatternLast: 1,
    endCaptures: { 1: { name: 'keyword.control.heredoc.dockerfile' } },
    name: `meta.instruction.${instruction.toLowerCase()}.dockerfile meta.heredoc.dockerfile`,
    patterns: bodies,
  };
}

function body(begin, id, patterns, inline, scope = '') {
  return {
    begin,
    beginCaptures: {
      1: { name: 'keyword.control.onbuild.dockerfile' },
      2: { name: 'keyword.other.instruction.dockerfile' },
      3: { patterns: [...include('heredoc-operators', 'flags'), ...inline] },
      4: { name: 'keyword.operator.heredoc.dockerfile' },
      7: { name: 'keyword.control.heredoc.dockerfile' },
      8: { patterns: [...include('heredoc-operators'), ...inline] },
    },
    while: BODY,
    ...(scope ? { name: scope } : {}),
    contentName: id,
    patterns,
  };
}

/** RUN: the body is the script, or what the command on the line reads. */
function runBodies(opening) {
  const inline = [{ include: 'source.shell' }];
  const block = (id) => `meta.embedded.block.${id}.dockerfile`;
  const flags = '(?:(?i:RUN)(?=[ \\t]))?(?:[ \\t]+--\\S+)*';
  const known = LANGUAGES.map(({ id, source, ...shown }) => {
    const ways = [...writtenFile(shown), delimiterNamed(shown)];
    if (shown.interpreter) {
      ways.push(`[ \\t]*${flags}[ \\t]*(?:\\S*/)?${shown.interpreter}[ \\t][^|;&]*<<`);
      ways.push(`.*<<\\S+[ \\t]+(?:\\S*/)?${shown.interpreter}(?:[ \\t]|$)`);
    }
    return body(`(?=${ways.join('|')})${opening}`, block(id), [{ include: source }], inline);
  });
  const script = body(
    `(?=[ \\t]*(?:(?i:ONBUILD)[ \\t]+)?${flags}[ \\t]*<<[^<]*$)${opening}`,
    block('shell'),
    [...include('script-languages'), ...inline],
    inline,
  );
  const data = body(opening, 'string.unquoted.heredoc.dockerfile', include('variables'), inline);
  return [...known, script, data];
}

/** COPY and ADD: the body is a file; variables in it are expanded unless the delimiter is quoted. */
function copyBodies(opening) {
  const inline = include('paths');
  const quoted = `(?=.*<<-?["'])`;
  const expanded = include('builder-escapes', 'variables');
  const bodies = LANGUAGES.flatMap(({ id, source, ...shown }) => {
    const ways = `(?=${[...copiedFile(shown), delimiterNamed(shown)].join('|')})`;
    const block = `meta.embedded.block.${id}.dockerfile`;
    return [
      body(`${quoted}${ways}${opening}`, block, [{ include: source }], inline),
      body(`${ways}${opening}`, block, [...expanded, { include: source }], inline, 'meta.expanded.dockerfile'),
    ];
  });
  const string = 'string.unquoted.heredoc.dockerfile';
  return [...bodies, body(`${quoted}${opening}`, string, [], inline), body(opening, string, expanded, inline)];
}

const writtenFile = ({ extension }) => [`.*>[ \\t]*[^\\s;&|]*\\.${extension}(?=[\\s;&|]|$)`];
const copiedFile = ({ extension }) => [`.*<<-?["']?[^\\s"']*\\.${extension}["']?(?=[ \\t])`, `.*[ \\t]\\S*\\.${extension}["']?[ \\t]*$`];
const delimiterNamed = ({ delimiter }) => `.*<<-?["']?(?:${delimiter})["']?(?=\\s|$)`;

/** A script that names its interpreter in its first line. */
function shebang({ id, source, interpreter }) {
  return {
    begin: `^(#!.*\\b${interpreter}(?:[ \\t].*)?)$\\n?`,
    beginCaptures: { 1: { name: 'comment.line.shebang.dockerfile' } },
    while: '^',
    contentName: `meta.embedded.block.${id}.dockerfile`,
    patterns: [{ include: source }],
  };
}
