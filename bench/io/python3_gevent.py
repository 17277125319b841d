# Servers of gevent: what greenlet.ts does.
import json
import socket

import gevent
import gevent.pywsgi
import gevent.server


def without_delay(server):
    """Sockets that are accepted inherit it: otherwise an answer in two pieces may wait for the client's acknowledgement."""
    server.init_socket()
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.start()
    return server.server_port


def serve(application):
    return without_delay(gevent.pywsgi.WSGIServer(('127.0.0.1', 0), application, log=None, backlog=1024))


def hello():
    def application(environ, start_response):
        start_response('200 OK', [('content-type', 'text/plain'), ('content-length', '12')])
        return [b'hello world\n']

    return serve(application)


def api():
    def application(environ, start_response):
        request = json.loads(environ['wsgi.input'].read())
        gevent.sleep(0.005)
        body = json.dumps({'id': request['id'], 'name': 'somebody'}, separators=(',', ':')).encode()
        start_response('200 OK', [('content-type', 'application/json'), ('content-length', str(len(body)))])
        return [body]

    return serve(application)


def echo():
    def handle(connection, _):
        while True:
            piece = connection.recv(65536)
            if not piece:
                return
            connection.sendall(piece)

    return without_delay(gevent.server.StreamServer(('127.0.0.1', 0), handle, backlog=1024))
