import {useState, type ReactElement} from 'react';
import {useAct} from '../api.ts';
import {UpdateKey, type Algorithm, type KeyDetails, type KeyOperation} from '../operations.ts';
import {text} from '../text.ts';
import {Button, Dialog, Form, Note, Problem, toast} from '../ui.tsx';
import {workText} from '../worktext.ts';
import {PeriodFields, Picks, readPeriod, writePeriod} from './restrictions.tsx';

/** Narrows what a key may be used for, and says how often it is rotated. */
export default function Restrict({data: key, onClose}: {data: KeyDetails; onClose: () => void}): ReactElement {
  const t = workText.restrict;
  const update = useAct(UpdateKey);
  const [noOperations, setNoOperations] = useState<readonly KeyOperation[]>([]);
  const [noAlgorithms, setNoAlgorithms] = useState<readonly Algorithm[]>([]);
  const before = writePeriod(key.rotationPeriod);
  const [period, setPeriod] = useState(before);
  const seconds = readPeriod(period);
  const operations = key.operations.filter((operation) => !noOperations.includes(operation));
  const algorithms = key.algorithms.filter((algorithm) => !noAlgorithms.includes(algorithm));
  const lost = [...noOperations.map((operation) => text.keyOperations[operation]), ...noAlgorithms];
  const nothing = operations.length === 0 ? text.newKey.noUse : key.algorithms.length > 0 && algorithms.length === 0 ? t.noAlgorithm : undefined;
  const save = () => {
    if (nothing || seconds === undefined || update.isPending) return;
    update.mutate({url: key.id, variables: {input: {
      key: key.id, ...(noOperations.length > 0 && {operations}), ...(noAlgorithms.length > 0 && {algorithms}),
      ...((period.every !== before.every || period.unit !== before.unit) && {rotationPeriod: seconds}),
    }}}, {onSuccess: () => {
      onClose();
      toast({message: t.saved});
    }});
  };
  return (
    <Dialog title={t.title} onClose={onClose}>
      <Form onSubmit={save}>
        {!key.publicOnly && <PeriodFields period={period} onChange={setPeriod}/>}
        <Note>{t.lead}</Note>
        <Picks legend={text.newKey.uses} options={key.operations} labelOf={(operation) => text.keyOperations[operation]} without={noOperations} onChange={setNoOperations}/>
        {key.algorithms.length > 1 && <Picks code legend={t.algorithms} options={key.algorithms} labelOf={(algorithm) => algorithm} without={noAlgorithms} onChange={setNoAlgorithms}/>}
        {nothing ? <Note tone="warning">{nothing}</Note> : lost.length > 0 && <Note tone="warning">{t.losses(lost)}</Note>}
        <Problem error={update.error}/>
        <div className="actions end"><Button onClick={onClose}>{text.cancel}</Button><Button tone={lost.length > 0 ? 'danger' : 'primary'} type="submit" busy={update.isPending} disabled={nothing !== undefined}>{lost.length > 0 ? t.narrow : t.save}</Button></div>
      </Form>
    </Dialog>
  );
}
