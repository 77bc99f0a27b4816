/** A bundle that was begun (一件事): one form for several applications. */
import { addressOf, get, patch, post, remove, type Answer } from '@/api/client'
import { send, type Chosen } from '@/platform/files'
import { useSaved } from '../apply/useSaved'

export type Form = Answer<'/applications/bundles/{id}', 'get'>

interface More {
  options: Record<string, string>
  chosen: string[]
  delivery: string
}

export function useBundle() {
  const form = useSaved<Form, More>({
    name: 'bundle',
    read: (id) => get('/applications/bundles/{id}', { path: { id } }),
    write: (id, body) => patch('/applications/bundles/{id}', { path: { id }, body: body as never }),
  })
  const { draft, id, save, take, act } = form

  const choose = (question: string, option: string) => {
    const now = Object.fromEntries(
      (draft.value?.questions ?? []).map((each) => [each.id, each.options.find((one) => one.chosen)?.id ?? '']),
    )
    return save({ options: { ...now, [question]: option } })
  }
  const upload = async (key: string, file: Chosen, progress: (percent: number) => void) => {
    await save()
    const where = '/applications/bundles/{id}/materials/{material}/files'
    take(await send<Form>(addressOf(where, { id: id.value, material: key }, { name: file.name }), file, progress))
  }
  const detach = (file: string) =>
    act(() => remove('/applications/bundles/{id}/files/{file}', { path: { id: id.value, file } }))
  const cover = async () => {
    let outcomes: Record<string, string> = {}
    await act(async () => {
      const body = { authorised: true }
      const done = await post('/applications/bundles/{id}/certificates', { path: { id: id.value }, body })
      outcomes = done.outcomes
      return done.form
    })
    return outcomes
  }

  return { ...form, choose, upload, detach, cover }
}
