/** Through which channel (渠道) this client books: each has its share of the seats. */
let channel: 'mini_program' | 'web_phone' = 'mini_program'
// #ifdef H5
channel = 'web_phone'
// #endif

export const CHANNEL = channel
