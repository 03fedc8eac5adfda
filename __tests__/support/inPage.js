/* What runs inside the browser, in a page of `emptyPage`, once Mermaid is there. Plain JavaScript: nothing compiles it. */

globalThis.page = (() => {
  const article = document.querySelector('article')

  /** Shows sanitised HTML as GitHub does. Answers with what went wrong with its diagrams. */
  async function show(html, { theme, drawBadge = false }) {
    mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme })
    article.innerHTML = html
    if (drawBadge) drawBadges()
    const errors = []
    const blocks = [...article.querySelectorAll('pre > code.language-mermaid')]
    for (const [i, block] of blocks.entries()) {
      const place = document.createElement('div')
      place.className = 'diagram'
      block.parentElement.replaceWith(place)
      try {
        await mermaid.parse(block.textContent)
        const { svg } = await mermaid.render(`diagram-${i}`, block.textContent, place)
        place.innerHTML = svg
      } catch (error) {
        errors.push(String(error))
      }
    }
    return { diagrams: article.querySelectorAll('.diagram > svg:not([aria-roledescription=error])').length, errors }
  }

  /** Not every machine has a font with coloured signs; GitHub's readers do. */
  function drawBadges() {
    const signs = {
      '✅': '<rect x="1" y="1" width="22" height="22" rx="5" fill="#1a9c3e"/><path d="M6 12.5l4 4 8-9" stroke="#fff" stroke-width="3" fill="none"/>',
      '❌': '<path d="M4 4l16 16M20 4L4 20" stroke="#e5293e" stroke-width="5" stroke-linecap="round"/>',
      '⚠️': '<path d="M12 2l11 20H1z" fill="#f5b301"/><path d="M12 9v6M12 17.5v2" stroke="#000" stroke-width="2.4"/>',
    }
    const heading = article.querySelector('h2')
    for (const [sign, shape] of Object.entries(signs)) {
      heading.innerHTML = heading.innerHTML.replace(
        sign,
        `<svg class="badge" width="24" height="24" viewBox="0 0 24 24">${shape}</svg>`,
      )
    }
  }

  /** Elements with their attributes, and texts; what stands in `code` is left out, since foreign text stands there. */
  function outline(node = article, indent = '') {
    return [...node.childNodes]
      .flatMap((child) => {
        if (child.nodeType === Node.TEXT_NODE)
          return child.data.trim() === '' ? [] : [indent + JSON.stringify(child.data)]
        if (child.nodeType !== Node.ELEMENT_NODE) return [`${indent}${child.nodeName}`]
        const attributes = [...child.attributes].map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`)
        const head = `${indent}<${child.localName}${attributes.join('')}>`
        const isInert = child.localName === 'code' && child.className === '' && child.children.length === 0
        return [head, ...(isInert ? [] : [outline(child, `${indent}  `)])]
      })
      .join('\n')
  }

  function codes() {
    return [...article.querySelectorAll('code')].map((code) => code.textContent)
  }

  /** What hostile names of the tests would set, could they run. */
  function traces() {
    return 'pwned' in globalThis ? ['pwned'] : []
  }

  /** All texts that can be seen, with their contrast to what is behind them. */
  function contrasts() {
    for (const closed of article.querySelectorAll('details')) closed.open = true
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT)
    const found = []
    while (walker.nextNode()) {
      const text = walker.currentNode
      const element = text.parentElement
      if (text.data.trim() === '' || element.closest('style, title, desc')) continue
      const range = document.createRange()
      range.selectNodeContents(text)
      const box = range.getBoundingClientRect()
      if (box.width === 0) continue
      const style = getComputedStyle(element)
      const ink = element instanceof SVGElement ? style.fill : style.color
      const behind = backgroundAt(box.left + box.width / 2, box.top + box.height / 2, element)
      found.push({ text: text.data.trim(), ratio: ratio(over(parse(ink, 1), behind), behind) })
    }
    return found
  }

  /** The colour of all that is painted there below an element, one over the other. */
  function backgroundAt(x, y, element) {
    const stack = document.elementsFromPoint(x, y)
    return stack
      .filter((one) => one !== element && !['text', 'tspan'].includes(one.localName))
      .concat(element instanceof SVGElement ? [] : [element])
      .map((one) => {
        const style = getComputedStyle(one)
        const isShape = one instanceof SVGElement && one.localName !== 'svg'
        if (!isShape) return parse(style.backgroundColor, 1)
        return parse(style.fill, Number(style.fillOpacity) * Number(style.opacity))
      })
      .reverse()
      .reduce((below, paint) => over(paint, below), [255, 255, 255, 1])
  }

  /** `rgb(…)` or `rgba(…)` as four numbers; what is no colour is nothing. */
  function parse(colour, opacity) {
    const numbers = /^rgba?\(/.test(colour) ? colour.match(/[\d.]+/g).map(Number) : [0, 0, 0, 0]
    const [r, g, b, alpha = 1] = numbers
    return [r, g, b, alpha * opacity]
  }

  function over([r, g, b, alpha], below) {
    const mix = (top, i) => top * alpha + below[i] * (1 - alpha)
    return [mix(r, 0), mix(g, 1), mix(b, 2), 1]
  }

  /** As WCAG 2 defines it. */
  function ratio(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }

  function luminance(colour) {
    const [r, g, b] = colour.slice(0, 3).map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  return { show, outline, codes, traces, contrasts }
})()
