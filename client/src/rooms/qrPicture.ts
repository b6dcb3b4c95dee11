// The QR code of a link as the address of a picture. Pure.

const NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'

/** Of an <svg> element as it stands in HTML; as a document of its own it needs its namespace. */
export function pictureOf(svg: string): string {
  const whole = svg.includes('xmlns=') ? svg : svg.replace('<svg', `<svg ${NAMESPACE}`)
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(whole)}`
}
