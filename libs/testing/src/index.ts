/** A whole stack of Quorate for somebody's own tests. */
export { startStack, type TestStack, type TestStackOptions } from './start-stack';
