export { certificateOf, keyFactsOf, type KeyFactsInput } from './key-facts';
