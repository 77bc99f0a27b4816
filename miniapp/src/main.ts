import { createSSRApp } from 'vue'
import App from './App.vue'

/** The app, as uni-app starts it on every platform. */
export function createApp() {
  return { app: createSSRApp(App) }
}
