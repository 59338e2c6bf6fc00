// One server: found, started, watched, stopped.
import { env, window, workspace, commands, type Disposable, type LogOutputChannel } from 'vscode';
import { LanguageClient, RevealOutputChannelOn, State, type LanguageClientOptions } from 'vscode-languageclient/node';
import { DOCUMENTS } from './documents.js';
import { INSTALL_COMMAND, findServer, type Lookup } from './lookup.js';
import { machine } from './machine.js';
import type { Status } from './status.js';

type Found = Extract<Lookup, { kind: 'found' }>;
type Missing = Extract<Lookup, { kind: 'missing' }>;

export class ServerSession implements Disposable {
  private client: LanguageClient | undefined;
  /** Starts and stops follow one another, however fast the commands and settings come. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly output: LogOutputChannel,
    private readonly status: Status,
  ) {}

  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.stopNow();
      await this.startNow();
    });
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.stopNow());
  }

  dispose(): void {
    void this.stop();
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    this.last = this.last.then(task, task);
    return this.last;
  }

  private async startNow(): Promise<void> {
    this.status.show({ kind: 'starting' });
    const settings = workspace.getConfiguration('dockerlang.server');
    const lookup = await findServer(
      {
        path: settings.get('path', '').trim(),
        python: settings.get('python', '').trim(),
        folders: (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
        isTrusted: workspace.isTrusted,
      },
      machine,
    );
    if (lookup.kind === 'missing') {
      this.reportMissing(lookup);
      return;
    }
    await this.launch(lookup);
  }

  private async launch(server: Found): Promise<void> {
    const command = [server.command, ...server.args].join(' ');
    this.output.info(`starting ${command} (from ${server.origin})`);
    const client = new LanguageClient('dockerlang', 'Dockerlang', { command: server.command, args: [...server.args] }, this.options());
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Starting) this.status.show({ kind: 'starting' });
      if (newState === State.Stopped) this.status.show({ kind: 'stopped' });
      if (newState === State.Running) {
        this.status.show({ kind: 'running', version: client.initializeResult?.serverInfo?.version ?? '', command });
      }
    });
    try {
      await client.start();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.output.error(`${command} did not start: ${reason}`);
      this.status.show({ kind: 'failed', reason: `${command} did not start` });
      void this.offer(`The Dockerlang language server did not start (${command}).`, ['Show Output', 'Restart']);
    }
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    try {
      await client.dispose();
    } catch (error) {
      this.output.warn(`the server did not stop in time: ${String(error)}`);
    }
    this.status.show({ kind: 'stopped' });
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: DOCUMENTS,
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // For the first findings; later the server asks for the settings itself.
      initializationOptions: workspace.getConfiguration('dockerlang'),
    };
  }

  private reportMissing({ reason, tried }: Missing): void {
    this.output.error(reason);
    for (const place of tried) this.output.error(`  tried ${place}`);
    this.output.error(`  install it with: ${INSTALL_COMMAND}`);
    this.status.show({ kind: 'failed', reason: `Install it with: ${INSTALL_COMMAND}` });
    void this.offer(`${reason} Install it with \`${INSTALL_COMMAND}\`, or set its path.`, ['Copy Command', 'Open Settings', 'Restart']);
  }

  private async offer(message: string, actions: readonly Action[]): Promise<void> {
    const chosen = await window.showErrorMessage(message, ...actions);
    switch (chosen) {
      case 'Copy Command':
        await env.clipboard.writeText(INSTALL_COMMAND);
        break;
      case 'Open Settings':
        await commands.executeCommand('workbench.action.openSettings', 'dockerlang.server');
        break;
      case 'Show Output':
        this.output.show();
        break;
      case 'Restart':
        await this.restart();
        break;
      case undefined:
        break;
    }
  }
}

type Action = 'Copy Command' | 'Open Settings' | 'Show Output' | 'Restart';
