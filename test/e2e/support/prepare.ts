import { installAsUser, packProject } from './pack';
import { userFolder } from './settings';
import { importWorkflows } from './workflows';

/** Once for all test files: packs the built project, installs it as users do, imports and publishes the workflows. */
export default async function prepare(): Promise<void> {
  await packProject();
  await installAsUser();
  await importWorkflows(userFolder);
}
