// The addresses of the chat. A room may have the number of a message behind it, to go to; what stands beside the room is
// in the query: `thread` is the message that begins one, `pane` what else.

import type { Component } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import RoomView from '../rooms/RoomView.vue'

const LAST_ROOM = 'teahouse-last-room'

export function chatRouter() {
  const router = createRouter({
    history: createWebHistory('/'),
    routes: [
      { path: '/', name: 'home', component: () => import('./HomeView.vue') },
      { path: '/rooms/:room(\\d+)/:number(\\d+)?', name: 'room', component: RoomView as Component },
      { path: '/search', name: 'search', component: () => import('../finding/SearchView.vue') },
      { path: '/browse', name: 'browse', component: () => import('../rooms/BrowseView.vue') },
      { path: '/threads', name: 'threads', component: () => import('../threads/ThreadsView.vue') },
      { path: '/saved', name: 'saved', component: () => import('../saved/SavedView.vue') },
      { path: '/notices', name: 'notices', component: () => import('../notices/NoticesView.vue') },
      { path: '/settings', name: 'settings', component: () => import('../settings/SettingsView.vue') },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
  router.afterEach((to) => {
    if (to.name === 'room' && typeof to.params.room === 'string')
      keepLastRoom(to.params.room)
  })
  return router
}

export function lastRoom(): number | null {
  try {
    return Number(localStorage.getItem(LAST_ROOM)) || null
  }
  catch {
    return null
  }
}

function keepLastRoom(room: string): void {
  try {
    localStorage.setItem(LAST_ROOM, room)
  }
  catch {
    // Then the page begins in the lobby.
  }
}
