// Colours of an ignore file: a comment starts in column 0 only, `!` brings a path back, the rest is a pattern.

export function dockerignoreGrammar() {
  return {
    name: 'Docker Ignore',
    scopeName: 'source.dockerignore',
    fileTypes: ['dockerignore', 'containerignore'],
    patterns: [
      {
        match: '^(#).*$',
        name: 'comment.line.number-sign.dockerignore',
        captures: { 1: { name: 'punctuation.definition.comment.dockerignore' } },
      },
      {
        begin: '^[ \\t]*(?:(!)[ \\t]*)?(?=\\S)',
        beginCaptures: { 1: { name: 'keyword.operator.negation.dockerignore' } },
        end: '$',
        name: 'meta.pattern.dockerignore',
        patterns: [
          { match: '\\\\.', name: 'constant.character.escape.dockerignore' },
          { match: '\\*\\*', name: 'keyword.operator.glob.any-depth.dockerignore' },
          { match: '[*?]', name: 'keyword.operator.glob.dockerignore' },
          {
            match: '(\\[)(\\^?)((?:\\\\.|[^\\]\\\\])+)(\\])',
            name: 'constant.other.character-class.dockerignore',
            captures: {
              1: { name: 'punctuation.definition.character-class.begin.dockerignore' },
              2: { name: 'keyword.operator.negation.dockerignore' },
              4: { name: 'punctuation.definition.character-class.end.dockerignore' },
            },
          },
          { match: '/', name: 'punctuation.separator.path.dockerignore' },
          { match: '[^\\s*?\\[\\\\/]+', name: 'string.unquoted.path.dockerignore' },
        ],
      },
    ],
  };
}
