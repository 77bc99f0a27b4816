/** For whom one applies (给谁办): oneself, family with their consent, or an enterprise, as the item allows. */
import { computed, ref } from 'vue'
import { get } from '@/api/client'
import type { components } from '@/api/schema'

type Item = Pick<components['schemas']['Item'], 'objects' | 'proxy'>
interface Option {
  value: string
  label: string
}

const SELF = { value: 'self', label: '我自己' }

/** `item` is what is applied for, null before it is known. */
export function useApplicant(item: () => Item | null) {
  const family = ref<Option[]>([])
  const companies = ref<Option[]>([])
  const loaded = ref(false)
  const chosen = ref('')

  const companiesOnly = computed(() => item()?.objects.includes('legal_person') && !item()?.objects.includes('personal'))
  const options = computed<Option[]>(() => [
    ...(companiesOnly.value ? [] : [SELF]),
    ...(companiesOnly.value || item()?.proxy?.allowed === false ? [] : family.value),
    ...(item()?.objects.includes('legal_person') ? companies.value : []),
  ])
  const who = computed({
    get: () => [options.value.find(({ value }) => value === chosen.value)?.value ?? options.value[0]?.value ?? ''],
    set: ([value]) => (chosen.value = value ?? ''),
  })
  /** Only an enterprise can apply, and he acts for none. */
  const companyMissing = computed(() => Boolean(companiesOnly.value && loaded.value && !companies.value.length))
  const applicant = computed(() => {
    const [kind, id] = (who.value[0] ?? '').split(':')
    return { principal: kind === 'person' ? (id ?? null) : null, enterprise: kind === 'company' ? (id ?? null) : null }
  })

  /** Whoever cannot be listed right now is left out: one can still apply for oneself. */
  async function load(): Promise<void> {
    const [people, owned] = await Promise.allSettled([get('/identity/principals'), get('/identity/enterprises')])
    if (people.status === 'fulfilled') {
      family.value = people.value.principals.map((each) => ({ value: `person:${each.id}`, label: each.label }))
    }
    if (owned.status === 'fulfilled') {
      const own = owned.value.enterprises.filter((each) => each.scopes.includes('apply'))
      companies.value = own.map((each) => ({ value: `company:${each.id}`, label: each.name }))
      loaded.value = true
    }
  }

  return { options, who, applicant, companiesOnly, companyMissing, load }
}
