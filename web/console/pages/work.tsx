// The pages on which keystores and keys are made, changed, moved and used. Loaded when one of them is opened.

import type {ReactElement} from 'react';
import type {RouteName} from '../router.tsx';
import {Create} from './create.tsx';
import {ImportKey} from './importkey.tsx';
import {NewKey} from './newkey.tsx';
import {RestoreKey} from './restore.tsx';
import {KeystoreSettings} from './settings.tsx';
import {Use, UseKeystore} from './use.tsx';

export default function WorkPages({page, keystore, url}: {page: RouteName; keystore: string; url: string}): ReactElement {
  switch (page) {
    case 'create': return <Create/>;
    case 'keystoreSettings': return <KeystoreSettings url={keystore}/>;
    case 'newKey': return <NewKey keystore={keystore}/>;
    case 'importKey': return <ImportKey keystore={keystore}/>;
    case 'restoreKey': return <RestoreKey keystore={keystore}/>;
    case 'random': return <UseKeystore url={keystore}/>;
    default: return <Use keystore={keystore} url={url}/>;
  }
}
