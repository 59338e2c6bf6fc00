// Starts the language server for Dockerfiles and offers the commands around it. Colours, snippets and brackets are data in package.json.
import { commands, window, workspace, type ExtensionContext } from 'vscode';
import { ServerSession } from './session.js';
import { createStatus } from './status.js';

let session: ServerSession | undefined;

export function activate(context: ExtensionContext): void {
  const output = window.createOutputChannel('Dockerlang', { log: true });
  const status = createStatus();
  const server = new ServerSession(output, status);
  session = server;

  context.subscriptions.push(
    output,
    status,
    commands.registerCommand('dockerlang.restartServer', () => server.restart()),
    commands.registerCommand('dockerlang.showOutput', () => {
      output.show();
    }),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('dockerlang.server')) void server.restart();
    }),
    workspace.onDidGrantWorkspaceTrust(() => {
      void server.restart();
    }),
  );
  void server.restart();
}

export function deactivate(): Promise<void> | undefined {
  return session?.stop();
}
