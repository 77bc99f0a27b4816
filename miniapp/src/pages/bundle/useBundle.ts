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
  const { id, save, take, act } = form

  /** Only what was chosen here is sent: another device may have chosen something else meanwhile. */
  const answer = (question: string, option: string) => save({ options: { [question]: option } })
  const upload = async (key: string, file: Chosen, progress: (percent: number) => void) => {
    await save()
    const where = '/applications/bundles/{id}/materials/{material}/files'
    take(await send<Form>(addressOf(where, { id: id.value, material: key }, { name: file.name }), file, progress))
  }
  const detach = (file: string) =>
    act(() => remove('/applications/bundles/{id}/files/{file}', { path: { id: id.value, file } }))
  /** Where a file that was handed in is. */
  const where = (file: string) => addressOf('/applications/bundles/{id}/files/{file}', { id: id.value, file })
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

  return { ...form, answer, upload, detach, where, cover }
}
