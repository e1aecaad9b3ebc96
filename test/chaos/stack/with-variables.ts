import { type Part } from '../../../deploy/embedded/processes/part';

/** The part with these variables in its environment; NODE_OPTIONS is added to what it has. */
export function withVariables(part: Part, variables: NodeJS.ProcessEnv): Part {
  return {
    ...part,
    command: async () => {
      const command = await part.command();
      const options = [command.env['NODE_OPTIONS'], variables['NODE_OPTIONS']].filter(Boolean).join(' ');
      const env = { ...command.env, ...variables, ...(options !== '' && { NODE_OPTIONS: options }) };
      return { ...command, env };
    },
  };
}
