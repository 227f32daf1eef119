import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';

/** What undici's promises and events do not tell: whether a request was begun, and why an upgrade failed. */
export interface DispatchWatch {
  /** Just before the first byte is written: until then, certainly nothing has been sent, and if it throws, nothing will be. */
  readonly onStart?: () => void;
  readonly onStatus?: (status: number) => void;
  readonly onUpgrade?: (socket: Duplex) => void;
  readonly onError?: (error: Error) => void;
}

/** The same dispatcher, watched for one request. */
export const watchDispatch = (dispatcher: Dispatcher, watch: DispatchWatch): Dispatcher =>
  dispatcher.compose(
    (dispatch) => (options, handler) => dispatch(options, watched(handler, watch)),
  );

const watched = (
  handler: Dispatcher.DispatchHandler,
  { onStart, onStatus, onUpgrade, onError }: DispatchWatch,
): Dispatcher.DispatchHandler => ({
  onRequestStart: (...started) => {
    onStart?.();
    handler.onRequestStart?.(...started);
  },
  onResponseStart: (...response) => {
    onStatus?.(response[1]);
    handler.onResponseStart?.(...response);
  },
  onRequestUpgrade: (...upgrade) => {
    onUpgrade?.(upgrade[3]);
    handler.onRequestUpgrade?.(...upgrade);
  },
  onResponseStarted: () => handler.onResponseStarted?.(),
  onResponseData: (...data) => handler.onResponseData?.(...data),
  onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
  onResponseError: (...failed) => {
    onError?.(failed[1]);
    handler.onResponseError?.(...failed);
  },
});
