// The documents that are the server's.

/** Files and unsaved documents; what comes from another file system (a diff's old side, a repository on the web) stays without a server. */
export const DOCUMENTS = [
  { scheme: 'file', language: 'dockerfile' },
  { scheme: 'untitled', language: 'dockerfile' },
];
