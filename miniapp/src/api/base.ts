let base = ''
// #ifndef H5
base = import.meta.env.VITE_API_BASE ?? 'http://127.0.0.1:8000'
// #endif

/** Where the API is: on H5 the page's own origin, in the mini-program the address given to the build. */
export const BASE: string = base
