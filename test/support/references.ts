/** Every reference of the workflows to a template, a parameter, a task or a file, followed to where it leads. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import type { Workflows } from './workflows.ts'

const root = join(import.meta.dir, '../..')

/** @returns what leads nowhere; empty when all is there */
export function danglingReferences({ template, crons, templates }: Workflows): string[] {
  const { spec } = template
  const wrong: string[] = []
  const find = (name = '', from: string): ITemplate | undefined => {
    const found = templates.find((each) => each.name === name)
    if (found === undefined) wrong.push(`${from}: no template ${name}`)
    return found
  }
  const twice = templates.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at)
  wrong.push(...twice.map((name) => `two templates ${name}`))
  find(spec.entrypoint, 'entrypoint')
  for (const { metadata, spec: cron } of crons) {
    const { workflowTemplateRef, entrypoint } = cron.workflowSpec
    if (workflowTemplateRef?.name !== template.metadata.name)
      wrong.push(`${metadata.name}: no ${workflowTemplateRef?.name}`)
    find(entrypoint, `${metadata.name}`)
  }
  for (const each of templates) {
    const at = `${each.name}`
    const tasks = each.dag?.tasks ?? []
    const named = (name: string) => tasks.find((task) => task.name === name)
    for (const { name, hooks = {} } of tasks) {
      for (const hook of Object.values(hooks)) {
        const needed = parametersOf(find(hook.template, at)?.inputs)
        const given = parametersOf(hook.arguments)
        if (!Bun.deepEquals(needed, given)) wrong.push(`${at}: a hook of ${name} is given ${given}`)
      }
    }
    for (const task of tasks) {
      const target = find(task.template, at)
      const taken = parametersOf(target?.inputs)
      const given = parametersOf(task.arguments)
      wrong.push(
        ...taken.filter((name) => !given.includes(name)).map((name) => `${at}: ${task.name} needs ${name}`),
      )
      wrong.push(
        ...given.filter((name) => !taken.includes(name)).map((name) => `${at}: ${task.name} has no ${name}`),
      )
      for (const [, name = ''] of task.depends?.matchAll(/([\w-]+)(?=\.|$)\.?\w*/g) ?? []) {
        if (!named(name)) wrong.push(`${at}: depends on ${name}`)
      }
      for (const { name, value = '' } of task.arguments?.parameters ?? []) {
        if (name === 'table' && !value.includes('{{')) wrong.push(...missing(`scripts/${value}.ts`, at))
      }
    }
    const text = JSON.stringify(each)
    for (const [, name = ''] of text.matchAll(/inputs\.parameters\.([\w-]+)/g)) {
      if (!parametersOf(each.inputs).includes(name)) wrong.push(`${at}: no input ${name}`)
    }
    for (const [, name = ''] of text.matchAll(/workflow\.parameters\.([\w-]+)/g)) {
      if (!parametersOf(spec.arguments).includes(name)) wrong.push(`${at}: no parameter ${name}`)
    }
    for (const [, task = '', name = ''] of text.matchAll(/tasks\.([\w-]+)\.outputs\.parameters\.(\w+)/g)) {
      const target = find(named(task)?.template, at)
      if (!parametersOf(target?.outputs).includes(name)) wrong.push(`${at}: ${task} puts out no ${name}`)
    }
    for (const [, task = ''] of text.matchAll(/\btasks(?:\.|\[')([\w-]+)(?:'\])?\.status\b/g)) {
      if (!named(task)) wrong.push(`${at}: no task ${task}`)
    }
    for (const [, name = ''] of JSON.stringify(each.metrics ?? {}).matchAll(
      /\{\{outputs\.parameters\.(\w+)\}\}/g,
    )) {
      if (!parametersOf(each.outputs).includes(name))
        wrong.push(`${at}: a metric of ${name}, which it does not put out`)
    }
    const repeated = tasks.some(({ withSequence }) => withSequence !== undefined)
    for (const [tag] of text.matchAll(/\{\{[^}]*\}\}/g)) {
      const known =
        /^\{\{((inputs|workflow)\.parameters\.|tasks\.[\w-]+\.(outputs\.parameters\.|status\}\})|workflow\.(uid|creationTimestamp\.RFC3339)\}\})/
      const ofMetric = /^\{\{(status|duration|outputs\.parameters\.\w+)\}\}$/
      const isMetric = each.metrics !== undefined && ofMetric.test(tag)
      if (!known.test(tag) && !isMetric && !(repeated && tag === '{{item}}')) wrong.push(`${at}: ${tag}`)
    }
    wrong.push(...programOf(each))
    const mounts = each.container?.volumeMounts ?? []
    const volumes = (spec.volumes ?? []).map(({ name }) => name)
    wrong.push(
      ...mounts.filter(({ name }) => !volumes.includes(name)).map(({ name }) => `${at}: no volume ${name}`),
    )
  }
  return wrong
}

/** A step that runs what it is told, `scripts/{{…}}.ts`, is followed through the list of tables. */
function programOf({ name, container }: ITemplate): string[] {
  if (container === undefined) return []
  const [program = ''] = container.args ?? []
  return program.includes('{{') ? [] : missing(program, `${name}`)
}

function missing(path: string, from: string): string[] {
  return existsSync(join(root, path)) ? [] : [`${from}: no ${path}`]
}

function parametersOf(holder: { parameters?: { name: string }[] } | undefined): string[] {
  return holder?.parameters?.map(({ name }) => name) ?? []
}
