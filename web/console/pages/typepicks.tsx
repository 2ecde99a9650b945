import type {ReactElement} from 'react';
import {useService} from '../api.ts';
import {typeGroups} from '../keytypes.ts';
import type {KeyType} from '../operations.ts';
import {text} from '../text.ts';
import {workText} from '../worktext.ts';
import {Picks} from './restrictions.tsx';

/** The types of keys that a keystore may hold, of those that the server makes. */
export function TypePicks({without, onChange}: {without: readonly KeyType[]; onChange: (without: readonly KeyType[]) => void}): ReactElement {
  const types = useServerTypes();
  return (
    <>
      {typeGroups.map(({group, types: members}) => {
        const options = members.filter((type) => types.includes(type));
        return options.length > 0 && <Picks key={group} code legend={text.types.groups[group]} options={options} labelOf={(type) => type} without={without} onChange={onChange}/>;
      })}
      <p className="hint">{workText.keyTypesHint}</p>
    </>
  );
}

export function useServerTypes(): readonly KeyType[] {
  return useService().data?.service.keyTypes ?? [];
}
