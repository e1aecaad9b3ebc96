/** What was given is not of the form that the formats of this library have; the message says where. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
