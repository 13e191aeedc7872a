def check_evasions(town, gateway, report):
    pass
