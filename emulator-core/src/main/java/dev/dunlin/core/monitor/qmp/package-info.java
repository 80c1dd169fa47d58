/**
 * The machine monitor: JSON in and out, schema, error classes.
 *
 * <p>Theory of operation. Bytes go through {@link dev.dunlin.core.monitor.qmp.JsonLexer}, which
 * makes tokens and, after an error, goes on at the next structural character; {@link
 * dev.dunlin.core.monitor.qmp.JsonStream} gathers the tokens of one value by counting brackets and
 * has {@link dev.dunlin.core.monitor.qmp.JsonParser} read them. So a value may be split at any
 * byte, several may stand in one piece, and a broken one costs one error answer. {@link
 * dev.dunlin.core.monitor.qmp.QmpSession} checks the request and its arguments against the
 * command's schema and runs it; the next request is read when it has been answered. These are the
 * layers of QEMU's qobject/ and qapi/, since their words for what is wrong follow from them.
 *
 * <p>Bounds: {@link dev.dunlin.core.monitor.qmp.JsonStream}'s for one value; a session reads
 * nothing while a command is under way or its output waits; events are dropped for a client with
 * {@link dev.dunlin.core.monitor.qmp.QmpSession#MAX_EVENT_BACKLOG} bytes waiting.
 */
@NullMarked
package dev.dunlin.core.monitor.qmp;

import org.jspecify.annotations.NullMarked;
