/* `lineitem.sources._native`: what reading spends its time on, as a module for Python 3.11 and later. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <string.h>

#include "reader.h"
#include "shape.h"

/* Raised by one whenever what the module makes of the same bytes changes: an older build is not used. */
#define REVISION 5

typedef struct {
    PyObject_HEAD
    reader read;
    PyObject *shorten;
    bool started;
} Reader;

static slice text_of(PyObject *string)
{
    Py_ssize_t size;
    const char *at = PyUnicode_AsUTF8AndSize(string, &size);
    return (slice){(const unsigned char *)at, at ? (size_t)size : 0};
}

static PyObject *string_of(slice text)
{
    return PyUnicode_DecodeUTF8((const char *)text.at, (Py_ssize_t)text.size, "strict");
}

static bool shorten(void *with, slice text, arena *into, slice *made)
{
    Reader *self = with;
    PyObject *given = string_of(text);
    PyObject *found = given ? PyObject_CallFunctionObjArgs(self->shorten, given, NULL) : NULL;
    Py_XDECREF(given);
    if (found == NULL)
        return false;
    slice kept = text_of(found);
    if (kept.at != NULL)
        *made = arena_copy(into, kept);
    Py_DECREF(found);
    return kept.at != NULL && made->at != NULL;
}

static int reader_init(PyObject *object, PyObject *args, PyObject *kwargs)
{
    Reader *self = (Reader *)object;
    PyObject *session, *thread, *callback;
    long long now;
    static char *names[] = {"session", "thread", "now", "shorten", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "UULO", names, &session, &thread, &now, &callback))
        return -1;
    slice one = text_of(session), two = text_of(thread);
    if (one.at == NULL || two.at == NULL)
        return -1;
    if (self->started) {
        PyErr_SetString(PyExc_RuntimeError, "a reader is started once");
        return -1;
    }
    self->started = true;
    Py_INCREF(callback);
    self->shorten = callback;
    self->read.shorten = shorten;
    self->read.with = self;
    reader_start(&self->read, one, two, now);
    if (self->read.texts.failed) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static void reader_dealloc(PyObject *object)
{
    Reader *self = (Reader *)object;
    PyTypeObject *type = Py_TYPE(object);
    reader_free(&self->read);
    Py_XDECREF(self->shorten);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static PyObject *reader_begin_(PyObject *object, PyObject *unused)
{
    (void)unused;
    reader_begin(&((Reader *)object)->read);
    Py_RETURN_NONE;
}

static PyObject *reader_take_(PyObject *object, PyObject *args)
{
    Reader *self = (Reader *)object;
    Py_buffer data;
    Py_ssize_t at;
    long long ordinal;
    if (!PyArg_ParseTuple(args, "y*nL", &data, &at, &ordinal))
        return NULL;
    size_t place = (size_t)at;
    int64_t n = ordinal;
    bool whole = false;
    if (at < 0 || at > data.len)
        PyErr_SetString(PyExc_ValueError, "outside of the data");
    else if (!(whole = reader_take(&self->read, (slice){data.buf, (size_t)data.len}, &place, &n)))
        PyErr_NoMemory();
    PyBuffer_Release(&data);
    if (!whole || PyErr_Occurred())
        return NULL;
    return Py_BuildValue("(nL)", (Py_ssize_t)place, (long long)n);
}

static PyObject *reader_take_answers_(PyObject *object, PyObject *args)
{
    Reader *self = (Reader *)object;
    Py_buffer data;
    Py_ssize_t at;
    if (!PyArg_ParseTuple(args, "y*n", &data, &at))
        return NULL;
    size_t place = (size_t)at;
    bool whole = false, dated = true;
    if (at < 0 || at > data.len) {
        PyErr_SetString(PyExc_ValueError, "outside of the data");
    } else {
        whole = reader_take_answers(&self->read, (slice){data.buf, (size_t)data.len}, &place);
        dated = reader_moment(&self->read);
        if (!whole)
            PyErr_NoMemory();
    }
    PyBuffer_Release(&data);
    if (PyErr_Occurred())
        return NULL;
    return Py_BuildValue("(nO)", (Py_ssize_t)place, dated ? Py_True : Py_False);
}

static PyObject *digest_of(const answers *of)
{
    uint64_t digest = answers_digest(of) >> 1;
    return PyLong_FromUnsignedLongLong(digest ? digest : 1); /* 0 says that nobody knows */
}

static PyObject *reader_digest(PyObject *object, PyObject *unused)
{
    (void)unused;
    return digest_of(&((Reader *)object)->read.merged);
}

static PyObject *kept_text(const buffer *from, bool none)
{
    if (none)
        Py_RETURN_NONE;
    return string_of((slice){from->at ? from->at : (const unsigned char *)"", from->size});
}

static PyObject *reader_state(PyObject *object, PyObject *unused)
{
    const reader *of = &((Reader *)object)->read;
    (void)unused;
    return Py_BuildValue("(NNNLL)", kept_text(&of->last, false), kept_text(&of->cwd, of->no_cwd),
                         kept_text(&of->branch, of->no_branch), (long long)of->now, (long long)of->first_at);
}

static bool set_text(buffer *to, bool *none, PyObject *text)
{
    slice found = {(const unsigned char *)"", 0};
    if (none != NULL)
        *none = text == Py_None;
    if (text != Py_None)
        found = text_of(text);
    if (found.at == NULL)
        return false;
    reader_set(to, found);
    return true;
}

static PyObject *reader_resume(PyObject *object, PyObject *args)
{
    reader *of = &((Reader *)object)->read;
    PyObject *last, *cwd, *branch;
    long long now, first_at;
    Py_buffer rows;
    if (!PyArg_ParseTuple(args, "UOOLLy*", &last, &cwd, &branch, &now, &first_at, &rows))
        return NULL;
    bool ok = set_text(&of->last, NULL, last) && set_text(&of->cwd, &of->no_cwd, cwd) &&
              set_text(&of->branch, &of->no_branch, branch);
    if (ok) {
        of->now = now;
        of->first_at = first_at;
        if (rows.len && of->rows.size)
            put_char(&of->rows, ',');
        put(&of->rows, rows.buf, (size_t)rows.len);
    }
    PyBuffer_Release(&rows);
    if (!ok)
        return NULL;
    if (of->rows.failed)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *reader_rows(PyObject *object, PyObject *unused)
{
    const buffer *rows = &((Reader *)object)->read.rows;
    (void)unused;
    if (!rows->size)
        return PyBytes_FromStringAndSize("", 0);
    PyObject *made = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)rows->size + 2);
    char *at = made ? PyBytes_AsString(made) : NULL;
    if (at == NULL)
        return NULL;
    *at = '[';
    memcpy(at + 1, rows->at, rows->size);
    at[rows->size + 1] = ']';
    return made;
}

/* A text that repeats from row to row is one object. */
static PyObject *repeated(slice text, slice *before, PyObject **made)
{
    if (*made == NULL || compare(text, *before)) {
        Py_XDECREF(*made);
        *made = string_of(text);
        *before = text;
    }
    Py_XINCREF(*made);
    return *made;
}

static PyObject *reader_answers(PyObject *object, PyObject *unused)
{
    enum { MODEL, MODIFIERS, ORIGIN, THREAD, BRANCH, SKILL, TEXTS };
    const answers *merged = &((Reader *)object)->read.merged;
    slice before[TEXTS] = {{0}};
    PyObject *texts[TEXTS] = {0};
    PyObject *list = PyList_New((Py_ssize_t)merged->count);
    (void)unused;
    for (size_t i = 0; list != NULL && i < merged->count; i++) {
        const answer *each = &merged->at[i];
        const int64_t *counts = each->counts;
        PyObject *row = Py_BuildValue(
            "[NNLNLLLLLLLNNNNNL]", string_of(each->id), string_of(each->variant), (long long)each->at,
            repeated(each->model, &before[MODEL], &texts[MODEL]), (long long)counts[A_UNCACHED],
            (long long)counts[A_OUTPUT], (long long)counts[A_WRITE5], (long long)counts[A_WRITE1],
            (long long)counts[A_READ], (long long)counts[A_THINKING], (long long)counts[A_SEARCHES],
            repeated(each->modifiers, &before[MODIFIERS], &texts[MODIFIERS]),
            repeated(each->origin, &before[ORIGIN], &texts[ORIGIN]),
            repeated(each->thread, &before[THREAD], &texts[THREAD]),
            repeated(each->branch, &before[BRANCH], &texts[BRANCH]),
            repeated(each->skill, &before[SKILL], &texts[SKILL]), (long long)counts[A_PROMPT]);
        if (row == NULL)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, (Py_ssize_t)i, row);
    }
    for (int i = 0; i < TEXTS; i++)
        Py_XDECREF(texts[i]);
    return list;
}

static PyMethodDef reader_methods[] = {
    {"begin", reader_begin_, METH_NOARGS, "Start a span: forget what only holds inside one."},
    {"take", reader_take_, METH_VARARGS, "take(data, at, ordinal) -> (at, ordinal) of the first line not taken."},
    {"take_answers", reader_take_answers_, METH_VARARGS,
     "take_answers(data, at) -> (at, dated): answers alone, up to the first line not taken."},
    {"digest", reader_digest, METH_NOARGS, "A number that is the same for the same answers."},
    {"state", reader_state, METH_NOARGS, "(last uuid, cwd, branch, now, first_at): what a line left to Python needs."},
    {"resume", reader_resume, METH_VARARGS, "resume(last, cwd, branch, now, first_at, rows): go on after such a line."},
    {"rows", reader_rows, METH_NOARGS, "The rows of the span as JSON; empty where there are none."},
    {"answers", reader_answers, METH_NOARGS, "One merged row per answer of all spans so far."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot reader_slots[] = {
    {Py_tp_init, (void *)reader_init},
    {Py_tp_dealloc, (void *)reader_dealloc},
    {Py_tp_methods, reader_methods},
    {Py_tp_new, (void *)PyType_GenericNew},
    {0, NULL},
};

static PyType_Spec reader_spec = {
    .name = "lineitem.sources._native.Reader",
    .basicsize = sizeof(Reader),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = reader_slots,
};

static PyObject *module_shape(PyObject *module, PyObject *given)
{
    int64_t counts[SHAPE_MOST];
    Py_buffer text;
    (void)module;
    if (PyObject_GetBuffer(given, &text, PyBUF_SIMPLE) < 0)
        return NULL;
    int many = shape((slice){text.buf, (size_t)text.len}, counts);
    PyBuffer_Release(&text);
    PyObject *list = PyList_New(many);
    for (int i = 0; list != NULL && i < many; i++) {
        PyObject *count = PyLong_FromLongLong(counts[i]);
        if (count == NULL)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, i, count);
    }
    return list;
}

/* A row as `reader_answers` gives it. */
static bool answer_of(PyObject *row, answer *made)
{
    static const int places[A_COUNTS] = {4, 5, 6, 7, 8, 9, 10, 16};
    slice *const texts[] = {&made->id,     &made->variant, NULL, &made->model,     NULL, NULL,          NULL,         NULL,
                            NULL,          NULL,           NULL, &made->modifiers, &made->origin,       &made->thread,
                            &made->branch, &made->skill};
    if (!PyList_Check(row) || PyList_Size(row) != 17) {
        PyErr_SetString(PyExc_ValueError, "a row has seventeen fields");
        return false;
    }
    for (int i = 0; i < 16; i++)
        if (texts[i] != NULL && (*texts[i] = text_of(PyList_GetItem(row, i))).at == NULL)
            return false;
    made->at = PyLong_AsLongLong(PyList_GetItem(row, 2));
    for (int i = 0; i < A_COUNTS; i++)
        made->counts[i] = PyLong_AsLongLong(PyList_GetItem(row, places[i]));
    return !PyErr_Occurred();
}

static PyObject *module_digest(PyObject *module, PyObject *rows)
{
    answers merged = {0};
    Py_ssize_t many = PyList_Check(rows) ? PyList_Size(rows) : 0;
    bool ok = true;
    (void)module;
    for (Py_ssize_t i = 0; ok && i < many; i++) {
        answer seen = {0};
        ok = answer_of(PyList_GetItem(rows, i), &seen);
        if (ok)
            answers_merge(&merged, &seen);
    }
    PyObject *made = !ok ? NULL : merged.failed ? PyErr_NoMemory() : digest_of(&merged);
    answers_free(&merged);
    return made;
}

static PyMethodDef module_methods[] = {
    {"digest", module_digest, METH_O, "What `Reader.digest` says where these rows are its answers."},
    {"shape", module_shape, METH_O, "The shape of a text, as sources.shapes tells it."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&reader_spec);
    if (type == NULL)
        return -1;
    int failed = PyModule_AddObjectRef(module, "Reader", type);
    Py_DECREF(type);
    return failed ? failed : PyModule_AddIntConstant(module, "REVISION", REVISION);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)module_exec},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT, "_native", "Reading, in C.", 0, module_methods, module_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void);

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&module_definition);
}
