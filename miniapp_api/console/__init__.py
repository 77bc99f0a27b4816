"""The console (工作台): pages for the hall's staff, rendered by the server, keyboard first.

READY: a page is written like this, in a file of its subject (desk/, windows/, manager/, …):

    @page(room, "GET", "/manager/closures", roles=MANAGERS, query=ClosuresQuery)
    async def closures(request: Request, member: StaffMember, query: ClosuresQuery) -> View:
        \"\"\"List closures (停办).\"\"\"
        found = await request.app.ctx.closures.list(member.hall)
        return View("manager/closures.html", closures=found)

    @page(room, "POST", "/manager/closures", roles=MANAGERS, form=CloseForm)
    async def close(request: Request, member: StaffMember, form: CloseForm) -> Redirect:
        \"\"\"Close (临时停办).\"\"\"
        await request.app.ctx.closures.close(…)
        return Redirect("/console/manager/closures", said="已停办")

The room of a subject is `room = subject(__name__)`; wiring.py lists the subjects' modules. `member`
is who is logged in; `token` and the path's parts are given by name as well. `query` and `form` are
pydantic models (Form): what does not fit is a refusal that names the fields by their titles. A
service's Refusal becomes a sentence in the page's alert region, and what was typed stays, since
htmx swaps only that region (forms use hx-post; without a script it is a page of its own). A page's
template extends layout.html and imports macros.html; a View of a template whose name begins with
`_` is a fragment. Scripts and styles are files of static/: the policy allows no inline ones.
navigation.py is the menu.
"""
