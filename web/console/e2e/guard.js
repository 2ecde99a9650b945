// Watches a page for whatever the console did not make, while it is made: an element that is gone a moment later has run what it had to run.

/** To be called before the first page is loaded; what is found is among the visitor's complaints. Not for the explorer, whose editors are not React's. */
export async function guard({context}) {
  await context.addInitScript(() => {
    const complain = (what, element) => void globalThis.__violation(`${what}: ${element.outerHTML.slice(0, 200)}`);
    const here = (value) => {
      try {
        return new URL(value, location.href).origin === location.origin || value.startsWith('blob:');
      } catch {
        return false;
      }
    };
    const attribute = (element, name, value) => {
      if (/^on|^(style|srcdoc|src|action|formaction|autofocus|contenteditable|http-equiv)$/i.test(name)) complain(`attribute ${name}`, element);
      if (/^(href|xlink:href)$/i.test(name) && !here(value)) complain(`link to ${value}`, element);
      if (/^popovertarget$/i.test(name) && value !== 'who-menu') complain('popover', element);
    };
    const look = (element) => {
      if (element.closest('.plot')) return; // the charts, drawn by uPlot of numbers
      const inside = element.closest('#root');
      if (!inside) {
        const own = element.matches('html, head, body, title, body > noscript') || (element.matches('link[rel=stylesheet], link[rel=modulepreload]') && element.parentElement === document.head && here(element.href));
        if (!own && document.readyState !== 'loading') complain('element', element);
        return;
      }
      if (element !== inside && !Object.keys(element).some((key) => key.startsWith('__reactFiber$'))) complain('element', element);
      for (const {name, value} of element.attributes) attribute(element, name, value);
    };
    new MutationObserver((changes) => {
      for (const {type, target, attributeName, addedNodes} of changes) {
        if (type === 'attributes') {
          if (!target.closest('.plot') && target.closest('#root') && target.hasAttribute(attributeName)) attribute(target, attributeName, target.getAttribute(attributeName));
          continue;
        }
        for (const node of addedNodes) {
          if (node.nodeType !== Node.ELEMENT_NODE) continue;
          look(node);
          node.querySelectorAll('*').forEach(look);
        }
      }
    }).observe(document, {childList: true, subtree: true, attributes: true});

    /** What a person does, many times in one call. */
    globalThis.__do = {
      field: (label) => [...document.querySelectorAll('label')].find((one) => (one.firstChild?.textContent ?? '') === label)?.control,
      fill: (element, value) => {
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value').set.call(element, value);
        element.dispatchEvent(new Event('input', {bubbles: true}));
      },
      choose: (input, name, contents) => {
        const files = new DataTransfer();
        files.items.add(new File([contents], name, {type: 'application/json'}));
        input.files = files.files;
        input.dispatchEvent(new Event('change', {bubbles: true}));
      },
      /** Goes to an address of the console as the browser's own buttons do. */
      visit: (path) => {
        history.pushState(null, '', path);
        dispatchEvent(new PopStateEvent('popstate'));
      },
      until: async (get, what) => {
        for (const end = performance.now() + 10_000; ;) {
          const got = get();
          if (got) return got;
          if (performance.now() > end) throw new Error(`not in time: ${what}: ${document.querySelector('main')?.textContent.slice(0, 300)}`);
          await new Promise((resolve) => setTimeout(resolve)); // a turn, for what is under way
        }
      },
      /** An alert that was not there before. */
      alert: () => {
        const found = document.querySelector('[role=alert]:not([data-read])');
        if (found) found.dataset.read = '';
        return found?.textContent;
      },
    };
  });
}
