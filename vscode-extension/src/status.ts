// The item in the editor's language status that says how the server is.
import { LanguageStatusSeverity, languages } from 'vscode';
import { DOCUMENTS } from './documents.js';

export type ServerState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly version: string; readonly command: string }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Status {
  show(state: ServerState): void;
  dispose(): void;
}

export function createStatus(): Status {
  const item = languages.createLanguageStatusItem('dockerlang.server', DOCUMENTS);
  item.name = 'Dockerlang';
  const restart = { command: 'dockerlang.restartServer', title: 'Restart' };
  const output = { command: 'dockerlang.showOutput', title: 'Show output' };
  return {
    show(state) {
      item.busy = state.kind === 'starting';
      item.severity = state.kind === 'failed' ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
      item.command = state.kind === 'running' ? output : restart;
      switch (state.kind) {
        case 'starting':
          item.text = 'Dockerlang: starting';
          item.detail = '';
          break;
        case 'running':
          item.text = `Dockerlang ${state.version}`.trimEnd();
          item.detail = state.command;
          break;
        case 'stopped':
          item.text = 'Dockerlang: stopped';
          item.detail = '';
          break;
        case 'failed':
          item.text = 'Dockerlang: no server';
          item.detail = state.reason;
          break;
      }
    },
    dispose() {
      item.dispose();
    },
  };
}
