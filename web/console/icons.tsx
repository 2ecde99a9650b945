// Icons of Lucide (https://lucide.dev), ISC and MIT: see NOTICE. They say nothing that the text beside them does not.

import {createElement, type ReactElement} from 'react';

type Shape = readonly [tag: string, attributes: Readonly<Record<string, string>>];

const shapes = {
  'lock': [['rect', {width: '18', height: '11', x: '3', y: '11', rx: '2', ry: '2'}], ['path', {d: 'M7 11V7a5 5 0 0 1 10 0v4'}]],
  'key-round': [['path', {d: 'M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4z'}], ['circle', {cx: '16.5', cy: '7.5', r: '.5', fill: 'currentColor'}]],
  'vault': [['rect', {width: '18', height: '18', x: '3', y: '3', rx: '2'}], ['circle', {cx: '7.5', cy: '7.5', r: '.5', fill: 'currentColor'}], ['path', {d: 'm7.9 7.9 2.7 2.7'}], ['circle', {cx: '16.5', cy: '7.5', r: '.5', fill: 'currentColor'}], ['path', {d: 'm13.4 10.6 2.7-2.7'}], ['circle', {cx: '7.5', cy: '16.5', r: '.5', fill: 'currentColor'}], ['path', {d: 'm7.9 16.1 2.7-2.7'}], ['circle', {cx: '16.5', cy: '16.5', r: '.5', fill: 'currentColor'}], ['path', {d: 'm13.4 13.4 2.7 2.7'}], ['circle', {cx: '12', cy: '12', r: '2'}]],
  'menu': [['path', {d: 'M4 5h16'}], ['path', {d: 'M4 12h16'}], ['path', {d: 'M4 19h16'}]],
  'plus': [['path', {d: 'M5 12h14'}], ['path', {d: 'M12 5v14'}]],
  'check': [['path', {d: 'M20 6 9 17l-5-5'}]],
  'chevron-left': [['path', {d: 'm15 18-6-6 6-6'}]],
  'chevron-right': [['path', {d: 'm9 18 6-6-6-6'}]],
  'copy': [['rect', {width: '14', height: '14', x: '8', y: '8', rx: '2', ry: '2'}], ['path', {d: 'M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2'}]],
  'download': [['path', {d: 'M12 15V3'}], ['path', {d: 'M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4'}], ['path', {d: 'm7 10 5 5 5-5'}]],
  'upload': [['path', {d: 'M12 3v12'}], ['path', {d: 'm17 8-5-5-5 5'}], ['path', {d: 'M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4'}]],
  'trash-2': [['path', {d: 'M10 11v6'}], ['path', {d: 'M14 11v6'}], ['path', {d: 'M19 6v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V6'}], ['path', {d: 'M3 6h18'}], ['path', {d: 'M8 6V4a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2'}]],
  'rotate-cw': [['path', {d: 'M21 12a9 9 0 1 1-9-9c2.52 0 4.93 1 6.74 2.74L21 8'}], ['path', {d: 'M21 3v5h-5'}]],
  'pencil': [['path', {d: 'M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z'}], ['path', {d: 'm15 5 4 4'}]],
  'share-2': [['circle', {cx: '18', cy: '5', r: '3'}], ['circle', {cx: '6', cy: '12', r: '3'}], ['circle', {cx: '18', cy: '19', r: '3'}], ['line', {x1: '8.59', x2: '15.42', y1: '13.51', y2: '17.49'}], ['line', {x1: '15.41', x2: '8.59', y1: '6.51', y2: '10.49'}]],
  'shield-check': [['path', {d: 'M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1 1z'}], ['path', {d: 'm9 12 2 2 4-4'}]],
  'users': [['path', {d: 'M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2'}], ['path', {d: 'M16 3.128a4 4 0 0 1 0 7.744'}], ['path', {d: 'M22 21v-2a4 4 0 0 0-3-3.87'}], ['circle', {cx: '9', cy: '7', r: '4'}]],
  'compass': [['circle', {cx: '12', cy: '12', r: '10'}], ['path', {d: 'm16.24 7.76-1.804 5.411a2 2 0 0 1-1.265 1.265L7.76 16.24l1.804-5.411a2 2 0 0 1 1.265-1.265z'}]],
  'settings': [['path', {d: 'M9.671 4.136a2.34 2.34 0 0 1 4.659 0 2.34 2.34 0 0 0 3.319 1.915 2.34 2.34 0 0 1 2.33 4.033 2.34 2.34 0 0 0 0 3.831 2.34 2.34 0 0 1-2.33 4.033 2.34 2.34 0 0 0-3.319 1.915 2.34 2.34 0 0 1-4.659 0 2.34 2.34 0 0 0-3.32-1.915 2.34 2.34 0 0 1-2.33-4.033 2.34 2.34 0 0 0 0-3.831A2.34 2.34 0 0 1 6.35 6.051a2.34 2.34 0 0 0 3.319-1.915'}], ['circle', {cx: '12', cy: '12', r: '3'}]],
  'triangle-alert': [['path', {d: 'm21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3'}], ['path', {d: 'M12 9v4'}], ['path', {d: 'M12 17h.01'}]],
  'info': [['circle', {cx: '12', cy: '12', r: '10'}], ['path', {d: 'M12 16v-4'}], ['path', {d: 'M12 8h.01'}]],
  'x': [['path', {d: 'M18 6 6 18'}], ['path', {d: 'm6 6 12 12'}]],
  'circle-check': [['circle', {cx: '12', cy: '12', r: '10'}], ['path', {d: 'm16 9-5.5 5.5L8 12'}]],
  'user-round': [['circle', {cx: '12', cy: '8', r: '5'}], ['path', {d: 'M20 21a8 8 0 0 0-16 0'}]],
  'log-out': [['path', {d: 'm16 17 5-5-5-5'}], ['path', {d: 'M21 12H9'}], ['path', {d: 'M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4'}]],
  'qr-code': [['rect', {width: '5', height: '5', x: '3', y: '3', rx: '1'}], ['rect', {width: '5', height: '5', x: '16', y: '3', rx: '1'}], ['rect', {width: '5', height: '5', x: '3', y: '16', rx: '1'}], ['path', {d: 'M21 16h-3a2 2 0 0 0-2 2v3'}], ['path', {d: 'M21 21v.01'}], ['path', {d: 'M12 7v3a2 2 0 0 1-2 2H7'}], ['path', {d: 'M3 12h.01'}], ['path', {d: 'M12 3h.01'}], ['path', {d: 'M12 16v.01'}], ['path', {d: 'M16 12h1'}], ['path', {d: 'M21 12v.01'}], ['path', {d: 'M12 21v-1'}]],
  'printer': [['path', {d: 'M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2'}], ['path', {d: 'M6 9V3a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v6'}], ['rect', {x: '6', y: '14', width: '12', height: '8', rx: '1'}]],
  'play': [['path', {d: 'M5 5a2 2 0 0 1 3.008-1.728l11.997 6.998a2 2 0 0 1 .003 3.458l-12 7A2 2 0 0 1 5 19z'}]],
  'power': [['path', {d: 'M12 2v10'}], ['path', {d: 'M18.4 6.6a9 9 0 1 1-12.77.04'}]],
  'history': [['path', {d: 'M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8'}], ['path', {d: 'M3 3v5h5'}], ['path', {d: 'M12 7v5l4 2'}]],
  'folder-open': [['path', {d: 'm6 14 1.5-2.9A2 2 0 0 1 9.24 10H20a2 2 0 0 1 1.94 2.5l-1.54 6a2 2 0 0 1-1.95 1.5H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h3.9a2 2 0 0 1 1.69.9l.81 1.2a2 2 0 0 0 1.67.9H18a2 2 0 0 1 2 2v2'}]],
  'database': [['ellipse', {cx: '12', cy: '5', rx: '9', ry: '3'}], ['path', {d: 'M3 5V19A9 3 0 0 0 21 19V5'}], ['path', {d: 'M3 12A9 3 0 0 0 21 12'}]],
  'eraser': [['path', {d: 'M21 21H8a2 2 0 0 1-1.42-.587l-3.994-3.999a2 2 0 0 1 0-2.828l10-10a2 2 0 0 1 2.829 0l5.999 6a2 2 0 0 1 0 2.828L12.834 21'}], ['path', {d: 'm5.082 11.09 8.828 8.828'}]],
  'server': [['rect', {width: '20', height: '8', x: '2', y: '2', rx: '2', ry: '2'}], ['rect', {width: '20', height: '8', x: '2', y: '14', rx: '2', ry: '2'}], ['line', {x1: '6', x2: '6.01', y1: '6', y2: '6'}], ['line', {x1: '6', x2: '6.01', y1: '18', y2: '18'}]],
  'dices': [['rect', {width: '12', height: '12', x: '2', y: '10', rx: '2', ry: '2'}], ['path', {d: 'm17.92 14 3.5-3.5a2.24 2.24 0 0 0 0-3l-5-4.92a2.24 2.24 0 0 0-3 0L10 6'}], ['path', {d: 'M6 18h.01'}], ['path', {d: 'M10 14h.01'}], ['path', {d: 'M15 6h.01'}], ['path', {d: 'M18 9h.01'}]],
} as const satisfies Record<string, readonly Shape[]>;

export type IconName = keyof typeof shapes;

export function Icon({name}: {name: IconName}): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {shapes[name].map(([tag, attributes], i) => createElement(tag, {...attributes, key: i}))}
    </svg>
  );
}

/** The two locks: the mark. The one in front is the user's. */
export function Mark(): ReactElement {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g className="mark-server"><rect x="3" y="12" width="16" height="13" rx="3"/><path d="M7 12V9a4 4 0 0 1 8 0v3"/></g>
      <g className="mark-user"><rect x="13" y="16" width="16" height="13" rx="3"/><path d="M17 16v-3a4 4 0 0 1 8 0v3"/><path className="mark-hole" d="M21 21.500v2.500"/></g>
    </svg>
  );
}
