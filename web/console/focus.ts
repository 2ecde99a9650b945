// Where the focus goes when what had it is gone from the page, as a button that has done its work: to the heading of what it stood in, not to the top of the document.

/** Watches until the page is left. */
export function keepFocus(): void {
  let path: readonly Element[] = []; // what was focused last, and all that is around it
  document.addEventListener('focusin', ({target}) => {
    const around: Element[] = [];
    for (let at = target as Element | null; at; at = at.parentElement) around.push(at);
    path = around;
  });
  // Who points somewhere else has left it.
  document.addEventListener('pointerdown', () => {
    path = [];
  }, true);
  new MutationObserver(() => {
    if (!path[0] || path[0].isConnected || document.activeElement !== document.body) return;
    const left = path.find((element) => element.isConnected && element.matches('dialog, section, main') && element.querySelector('h1, h2'));
    const heading = (left ?? document.querySelector('main'))?.querySelector<HTMLElement>('h1, h2');
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({preventScroll: true});
  }).observe(document.body, {childList: true, subtree: true});
}
