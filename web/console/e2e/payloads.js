// What must be shown as the text that it is: markup, scripts, URLs, names of Object's, in several spellings.

const seeds = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '<iframe src=javascript:alert(1)>',
  '<a href=javascript:alert(1)>x</a>', 'javascript:alert(1)', '{{constructor.constructor("alert(1)")()}}', '${alert(1)}', '<style>*{display:none}</style>', '<base href=//evil.example/>',
  '<form action=//evil.example><button>', '<meta http-equiv=refresh content=0;url=//evil.example>', '<link rel=stylesheet href=//evil.example/x.css>', '<details open ontoggle=alert(1)>',
  '<math><mi xlink:href=javascript:alert(1)>', '<template><script>alert(1)</script></template>', '&lt;script&gt;alert(1)&lt;/script&gt;', '\\u003cscript\\u003ealert(1)', '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>', '--><script>alert(1)</script>', ']]><script>alert(1)</script>', '<object data=//evil.example>', '<embed src=//evil.example>', '<video><source onerror=alert(1)>',
  '<input autofocus onfocus=alert(1)>', '<body onload=alert(1)>', '<x contenteditable onblur=alert(1)>', '__proto__', 'constructor', 'toString', '%3Cscript%3Ealert(1)%3C/script%3E', '<marquee onstart=alert(1)>',
  '<button popovertarget=x>', '<dialog open>', '<isindex onfocus=alert(1)>', '\u{1F512}\u{1F511}', '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
];
/** 200 texts, each its own, none longer than a name may be. */
export const payloads = Array.from({length: 200}, (_, i) => {
  const seed = seeds[i % seeds.length];
  return [seed, seed.toUpperCase(), `a${seed}b`, seed.replaceAll(' ', '/'), `${seed}${seed}`][Math.floor(i / seeds.length)].slice(0, 100) + ` ${i}`;
});
