// npm run kafka:prepare -- DEPLOYMENT.json: topics, users and access rules on a Kafka of the user's own (docs/own-kafka.md).
import { prepareProject, runBuilt } from './bootstrap/project.mjs';
import { failWith } from './bootstrap/run.mjs';

try {
  await prepareProject();
  await runBuilt('deploy/kafka/main.js');
} catch (error) {
  failWith(error);
}
