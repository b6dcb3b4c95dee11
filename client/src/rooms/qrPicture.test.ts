import { expect, test } from 'vitest'
import { pictureOf } from './qrPicture'

test.each([
  ['without its namespace', '<svg width="9"></svg>'],
  ['with it', '<svg xmlns="http://www.w3.org/2000/svg" width="9"></svg>'],
])('an element %s is a document with it once', (_, svg) => {
  const document = decodeURIComponent(pictureOf(svg).replace(/^[^,]*,/, ''))
  expect(document).toBe('<svg xmlns="http://www.w3.org/2000/svg" width="9"></svg>')
})
