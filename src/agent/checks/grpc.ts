import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { TLSSocket } from 'node:tls';
import { codeOf } from '../../common/error-code.js';
import { formatEndpoint } from '../../ipvs/model/service.js';
import type { CheckValue } from '../../state/file/check-fields.js';
import type { CheckTarget } from '../config/config.js';
import type { CheckType } from './check-type.js';
import { connectionProbe } from './connection.js';
import type { Connection, Talk } from './connection.js';
import { GrpcAnswer } from './grpc-answer.js';
import { encodeRequest } from './grpc-message.js';
import { connectionReason } from './reasons.js';
import { tlsSettings } from './tls.js';

const PATH = '/grpc.health.v1.Health/Check';
/** As many digits as gRPC takes. */
const LONGEST_TIMEOUT_MS = 99_999_999;
/** As little as Node takes, in MiB: what the server can make us keep. */
const MOST_SESSION_MEMORY = 1;

/** Asks the standard health service of gRPC. */
export const grpc: CheckType = {
  name: 'grpc',
  summary: 'the standard health service says SERVING',
  prepare: (target, values) => {
    const settings = values as CheckValue<'grpc'>;
    const talk = talkOf(target, settings);
    if (settings.tls !== true) return connectionProbe(target, undefined, talk);
    const tls = tlsSettings(settings, target);
    const options = { ...tls.options, ALPNProtocols: ['h2'] };
    return connectionProbe(target, { ...tls, options }, talk);
  },
};

function talkOf(target: CheckTarget, settings: CheckValue<'grpc'>): Talk {
  const service = settings.service ?? '';
  const request = encodeRequest(service);
  const endpoint = formatEndpoint(target.address, target.port);
  const headers = {
    ':method': 'POST',
    ':path': PATH,
    ':authority': settings.serverName ?? endpoint,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': `${Math.min(target.timeoutMs, LONGEST_TIMEOUT_MS)}m`,
  };
  return (connection) => {
    const { socket } = connection;
    if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
      connection.fail('the server does not offer HTTP/2 in TLS');
      return;
    }
    const session = connect(`http://${endpoint}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
      maxSessionMemory: MOST_SESSION_MEMORY,
    });
    connection.onRelease = () => {
      session.destroy();
    };
    watch(session, connection);
    const stream = session.request(headers);
    const answer = new GrpcAnswer(service, connection.settle);
    stream
      .on('response', (found: IncomingHttpHeaders & IncomingHttpStatusHeader) => {
        answer.begin(found);
      })
      .on('trailers', (found: IncomingHttpHeaders) => {
        answer.trailers(found);
      })
      .on('data', (bytes: Buffer) => {
        answer.add(bytes);
      })
      .on('end', () => {
        // A stream that is reset ends too.
        if (stream.rstCode === constants.NGHTTP2_NO_ERROR) answer.end();
      })
      .on('error', (error: Error) => {
        // The error of the connection comes here first.
        const isOfStream = codeOf(error) === 'ERR_HTTP2_STREAM_ERROR';
        const name = errorName(stream.rstCode);
        connection.fail(isOfStream ? `the server gave up the request: ${name}` : reasonOf(error));
      });
    stream.end(request);
  };
}

function watch(session: ClientHttp2Session, connection: Connection): void {
  session.on('goaway', (code: number) => {
    if (code === constants.NGHTTP2_NO_ERROR) return;
    connection.fail(`the server closed the connection: ${errorName(code)}`);
  });
  session.on('error', (error: Error) => {
    connection.fail(reasonOf(error));
  });
}

/** Why there is no HTTP/2 on a connection any more, or has never been. */
function reasonOf(error: Error): string {
  const isOfSystem = 'syscall' in error;
  return isOfSystem ? connectionReason(error) : 'the server does not speak HTTP/2';
}

/** RFC 9113, section 7: by their numbers. */
const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

function errorName(code: number | undefined): string {
  return code === undefined ? 'no reason given' : (errorNames[code] ?? `error ${code}`);
}
