/**
 * What a container builder would make of the Containerfile, step by step, as a folder; and a way to run commands in
 * it as a container would. In place of the base image, which lies in a registry: this Bun, the libraries it is linked
 * to, and a shell.
 */
import { chmod, cp, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast'

const root = join(import.meta.dir, '../..')
const containerfile = await Bun.file(join(root, 'Containerfile')).text()

export interface Image {
  /** The folder of the root file system. */
  readonly folder: string
  readonly workdir: string
  readonly env: Readonly<Record<string, string>>
  /** The user that USER names. */
  readonly user: string
  readonly command: readonly string[]
}

interface Stage {
  readonly folder: string
  workdir: string
}

/** @param folder where the stages go, each in one of its own */
export async function buildImage(folder: string): Promise<Image> {
  const stages = new Map<string, Stage>()
  let stage: Stage = { folder: '', workdir: '/' }
  let user = 'root'
  let command: readonly string[] = []
  const env: Record<string, string> = {}
  for (const instruction of DockerfileParser.parse(containerfile).getInstructions()) {
    const args = instruction.getArguments().map((argument) => argument.getValue())
    const place = () => join(stage.folder, stage.workdir)
    switch (instruction.getKeyword()) {
      case 'FROM': {
        const [, , name = 'image'] = args
        stage = { folder: join(folder, name), workdir: '/' }
        stages.set(name, stage)
        await mkdir(stage.folder, { recursive: true })
        break
      }
      case 'WORKDIR':
        stage.workdir = args[0] ?? '/'
        await mkdir(place(), { recursive: true })
        break
      case 'COPY':
        await copy(instruction as Copy, args, stages, place())
        break
      case 'RUN':
        await runStep(instruction, place())
        break
      case 'ENV':
        Object.assign(env, Object.fromEntries(args.map((pair) => pair.split('='))))
        break
      case 'USER':
        user = args[0] ?? ''
        break
      case 'CMD':
        command = JSON.parse(instruction.getArgumentsContent() ?? '[]')
        break
      case 'ARG':
      case 'LABEL':
      case 'ENTRYPOINT':
        break
      default:
        throw new Error(`No step for ${instruction.getKeyword()}`)
    }
  }
  return { folder: stage.folder, workdir: stage.workdir, env, user, command }
}

async function copy(
  instruction: Copy,
  args: readonly string[],
  stages: ReadonlyMap<string, Stage>,
  place: string,
): Promise<void> {
  const from = instruction.getFromFlag()?.getValue()
  const source = from ? (stages.get(from)?.folder ?? '') : root
  for (const path of args.slice(0, -1)) {
    const target = args.at(-1) === './' ? join(place, basename(path)) : join(place, args.at(-1) ?? '')
    await cp(join(source, path), target, { recursive: true, verbatimSymlinks: true })
  }
}

/** With the packages in this machine's cache, where the set-up of the tests has put them. */
async function runStep(instruction: Instruction, place: string): Promise<void> {
  const child = Bun.spawn(['sh', '-c', instruction.getArgumentsContent() ?? ''], {
    cwd: place,
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const [exit, stderr] = await Promise.all([child.exited, child.stderr.text()])
  if (exit !== 0) throw new Error(`RUN ended with ${exit}: ${stderr}`)
}

/** Puts what the base image would bring along into the image's folder. */
export async function addBase({ folder }: Image): Promise<void> {
  const shell = '/bin/sh'
  const linked = Bun.spawnSync(['ldd', process.execPath, shell]).stdout.toString()
  const libraries = new Set(linked.match(/\/\S+\.so[.\d]*/g))
  for (const path of [shell, ...libraries]) await cp(path, join(folder, path), { dereference: true })
  await cp(process.execPath, join(folder, 'usr/local/bin/bun'), { dereference: true })
  for (const name of ['tmp', 'proc', 'dev']) await mkdir(join(folder, name))
}

/** Everything read-only but /tmp, which is the folder $2; in no way but by the image's user. */
const contain = `
  mount --make-rprivate / &&
  mount --bind "$1" "$1" && mount --bind "$2" "$1/tmp" &&
  mount --rbind /proc "$1/proc" && mount --rbind /dev "$1/dev" &&
  mount -o remount,bind,ro "$1" &&
  root=$1 user=$3 && shift 3 &&
  exec chroot --userspec="$user" "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$@"`

/** Whether this process may change the root of another: being root is not always enough. */
export const canContain =
  process.getuid?.() === 0 &&
  Bun.which('unshare') !== null &&
  Bun.spawnSync(['unshare', '--mount', 'sh', '-c', 'mount --make-rprivate / && mount --bind /tmp /tmp'])
    .success

/** Runs a command in the image, with a folder of this machine as its /tmp. Needs {@link canContain}. */
export async function runContained(
  image: Image,
  command: readonly string[],
  { tmp, env }: { readonly tmp: string; readonly env: Readonly<Record<string, string>> },
) {
  await chmod(tmp, 0o1777)
  const child = Bun.spawn(
    [
      ...['unshare', '--mount', 'sh', '-c', contain, 'contain', image.folder, tmp, image.user, image.workdir],
      ...command,
    ],
    {
      env: { ...env, ...image.env, PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    },
  )
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}
