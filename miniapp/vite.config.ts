import { defineConfig } from 'vite'
import uniPlugin from '@dcloudio/vite-plugin-uni'

// The plugin is CommonJS: under an ESM configuration the function is on .default.
const uni = (uniPlugin as unknown as { default?: typeof uniPlugin }).default ?? uniPlugin

export default defineConfig({
  plugins: [uni()],
  server: { proxy: { '^/(?!pages|src|@|node_modules|static|index.html|$)': 'http://127.0.0.1:8000' } },
})
