/** Reads fields of events. Their content is other people's word: what is not of the expected form counts as absent. */
import { type LogEvent } from '../api/answers';
import { isObject, type Json } from '../api/reader';
import { shortType } from '../text/event-names';

export function textField(data: Json | null | undefined, name: string): string | undefined {
  const value = data?.[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textList(data: Json | null | undefined, name: string): string[] {
  const value = data?.[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function objectField(data: Json | null | undefined, name: string): Json | undefined {
  const value = data?.[name];
  return isObject(value) ? value : undefined;
}

/** `tx.priced` for `quorate.tx.priced.v1`. */
export function typeOf(event: LogEvent): string {
  return shortType(event.type);
}

/** The JSON that a client signed, which its event holds in base64. */
export function clientContent(event: LogEvent): Json | undefined {
  try {
    const bytes = Uint8Array.from(atob(textField(event.data, 'value') ?? ''), (c) => c.charCodeAt(0));
    const content: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Who signed detached JWS, by their protected headers. */
export function signersOf(jwss: readonly string[]): string[] {
  return jwss.flatMap((jws) => {
    try {
      const header: unknown = JSON.parse(
        atob((jws.split('.')[0] ?? '').replaceAll('-', '+').replaceAll('_', '/')),
      );
      const kid = isObject(header) ? header['kid'] : undefined;
      return typeof kid === 'string' ? [kid] : [];
    } catch {
      return [];
    }
  });
}
