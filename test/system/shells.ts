/** Real shells that complete lines, as they do for who types and presses Tab. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionFiles as filesOfIpvs } from '../../src/cli/completions/files.js';
import { completionFiles } from '../../src/ipvsadm/completions/files.js';

/** What Tab came to. */
export interface Completed {
  /** The words that were offered, whole, as ipvsadm would get them. */
  readonly offered: readonly string[];
  /** The line as the shell left it. */
  readonly line: string;
  /** All that came to the terminal or to standard error meanwhile, besides the line itself. */
  readonly said: string;
}

/** A shell with the completions. */
export interface Shell extends AsyncDisposable {
  /** Types a line and Tab, so many times. */
  complete(line: string, tabs?: number): Promise<Completed>;
}

/** A folder with the scripts, and with an ipvsadm that knows these rules, or none. */
export class Stage implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'ipvs-completions-'));
  /** The shells are in it: what rule text would create shows up here. */
  readonly work = join(this.folder, 'work');

  constructor(rules: string | undefined) {
    const scripts = { ...completionFiles(), ...filesOfIpvs() };
    for (const [name, text] of Object.entries(scripts)) this.write(name, text);
    mkdirSync(this.work);
    mkdirSync(join(this.folder, 'bin'));
    const answer =
      rules === undefined
        ? 'echo "it does not work" >&2; exit 2'
        : `[ "$*" = -Sn ] && cat '${this.write('rules', rules)}'`;
    this.program('ipvsadm', answer);
  }

  /** The variables that shells start with. */
  get environment(): NodeJS.ProcessEnv {
    const path = `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    return { PATH: path, HOME: this.folder, ZDOTDIR: this.folder, TERM: 'xterm', LANG: 'C.UTF-8' };
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  program(name: string, script: string): string {
    const path = this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

const READY = '(ready)';
const DONE = '(done)';
const TAB = '\t';
/** Bound to a command that writes the line to a file, and says so. */
const TELL = '\x18\x04';
const CLEAR = '\x15';

/** A shell on a terminal: script(1) makes one. */
class TerminalShell implements Shell {
  readonly #stage: Stage;
  readonly #child: ChildProcessWithoutNullStreams;
  #ended = false;
  #said = '';
  #heard: () => void = () => undefined;

  constructor(stage: Stage, command: string) {
    this.#stage = stage;
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: stage.work,
      env: stage.environment,
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      this.#heard();
    });
    this.#child.on('close', () => {
      this.#ended = true;
      this.#heard();
    });
  }

  async #until(text: string): Promise<string> {
    while (!this.#said.includes(text)) {
      if (this.#ended) throw new Error(`the shell has ended: ${this.#said}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    const said = this.#said;
    this.#said = said.slice(said.indexOf(text) + text.length);
    return said.slice(0, said.indexOf(text));
  }

  async begin(): Promise<this> {
    await this.#until(READY);
    return this;
  }

  async complete(line: string, tabs = 1): Promise<Completed> {
    const results = join(this.#stage.folder, 'offered');
    rmSync(results, { force: true });
    this.#child.stdin.write(`${line}${TAB.repeat(tabs)}${TELL}`);
    const said = await this.#until(DONE);
    this.#child.stdin.write(CLEAR);
    return {
      offered: existsSync(results) ? linesOf(readFileSync(results, 'utf8')) : [],
      line: readFileSync(join(this.#stage.folder, 'line'), 'utf8').replace(/\n$/, ''),
      said,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.stdin.write(`${CLEAR}exit\r`);
    if (!this.#ended) await closed;
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** bash, without the package bash-completion. Settings are lines for its bashrc. */
export async function bash(stage: Stage, settings = ''): Promise<Shell> {
  const rc = stage.write(
    'bashrc',
    `stty rows 200 cols 500
    PS1='${READY}'
    source ~/ipvsadm.bash
    # A candidate is but the part that readline puts in: here it is printed whole.
    eval "put_in() $(declare -f _ipvsadm_quote | tail -n +2)"
    _ipvsadm_quote() { printf '%s\\n' "\${words[-1]:0:start}$1" >>~/offered; put_in "$1"; }
    source ~/ipvs.bash
    _ipvs_told() {
      _ipvs
      # Readline puts a word in the place of what is behind the last colon or equals sign.
      local whole=\${COMP_LINE:0:COMP_POINT}
      whole=\${whole##* }
      (( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]/#/\${whole%"\${whole##*[:=]}"}}" >>~/offered
    }
    complete -F _ipvs_told ipvs
    tell() { printf '%s\\n' "$READLINE_LINE" >~/line; printf '%s\\n' '${DONE}'; }
    bind -x '"\\C-x\\C-d": tell'
    ${settings}
    `,
  );
  return new TerminalShell(stage, `bash --rcfile ${rc} -i`).begin();
}

/** zsh; what is offered is what comes to compadd. */
export async function zsh(stage: Stage): Promise<Shell> {
  stage.write(
    '.zshrc',
    `stty rows 200 cols 500
    PS1='${READY}' RPS1=
    setopt no_auto_menu no_beep no_prompt_sp; LISTMAX=1000
    unsetopt zle_bracketed_paste 2>/dev/null
    fpath=(~ $fpath)
    autoload -Uz compinit && compinit -u -D
    compadd() {
      if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
        builtin compadd "$@"
        return
      fi
      local -a hits
      builtin compadd -O hits "$@"
      (( $#hits )) && print -rl -- $hits >>~/offered
      builtin compadd "$@"
    }
    tell() { print -r -- "$BUFFER" >~/line; print -r '${DONE}' }
    zle -N tell
    bindkey '^X^D' tell
    `,
  );
  return new TerminalShell(stage, 'zsh -d -i').begin();
}

/** fish, which tells itself what it offers, and with --escape how it would write it. */
export function fish(stage: Stage): Promise<Shell> {
  const script =
    'source ~/ipvsadm.fish; source ~/ipvs.fish; complete -C $argv; echo; complete --escape -C $argv';
  return Promise.resolve({
    complete(line: string): Promise<Completed> {
      const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script, '--', line], {
        cwd: stage.work,
        env: stage.environment,
        encoding: 'utf8',
      });
      const [words = [], escaped = []] = stdout
        .split(/^\n/m)
        .map((part) => linesOf(part.replaceAll(/\t.*$/gm, '')));
      // What it offers stands for the whole last word.
      const [only = ''] = escaped;
      const put = escaped.length === 1 ? line.replace(/[^\s>]*$/, () => `${only} `) : line;
      return Promise.resolve({ offered: words, line: put, said: stderr });
    },
    async [Symbol.asyncDispose]() {
      // It has ended.
    },
  });
}
