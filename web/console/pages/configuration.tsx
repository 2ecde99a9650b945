import {useState, type ReactElement} from 'react';
import {ListSettings} from '../operations.ts';
import {operatorText} from '../operatortext.ts';
import {Badge, TextField} from '../ui.tsx';
import {ServiceFrame, useServiceRead} from './service.tsx';

/** How this server was started: to read only. */
export function Configuration(): ReactElement {
  const t = operatorText.settings;
  const read = useServiceRead(ListSettings, {});
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase().replace(/^--/, '');
  return (
    <ServiceFrame title={t.title} read={read}>
      {({status: {settings}}) => {
        const shown = settings.filter(({name, description}) => `${name} ${description}`.toLowerCase().includes(wanted));
        return (
          <>
            <p className="lead">{t.lead}</p>
            <section aria-label={t.table}>
              <div className="toolbar"><TextField label={t.filter} type="search" value={filter} onChange={setFilter}/></div>
              {shown.length === 0 ? <p role="status">{t.nothing}</p> : (
                <div className="table">
                  <table>
                    <caption className="visually-hidden">{t.table}</caption>
                    <thead><tr><th scope="col">{t.columns.name}</th><th scope="col">{t.columns.value}</th><th scope="col">{t.columns.source}</th></tr></thead>
                    <tbody>
                      {shown.map(({name, description, values, secret, isSet, isDefault}) => (
                        <tr key={name}>
                          <th scope="row"><code>--{name}</code><span className="hint">{' '}{description}</span></th>
                          <td data-label={t.columns.value}>{secret
                            ? <Badge tone={isSet ? 'good' : 'plain'}>{isSet ? t.secretSet : t.secretNotSet}</Badge>
                            : values.length === 0 ? <span className="soft">{t.notSet}</span> : <ul className="value-list">{values.map((value) => <li key={value}><code>{value}</code></li>)}</ul>}</td>
                          <td data-label={t.columns.source}><Badge tone={isDefault ? 'plain' : 'good'}>{isDefault ? t.usual : t.given}</Badge></td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            </section>
          </>
        );
      }}
    </ServiceFrame>
  );
}
